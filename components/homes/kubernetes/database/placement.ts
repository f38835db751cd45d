import type { IClusterSpec } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterSpec";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import type { ServerPlan } from "../../plan/server-plan";
import { clusterSelector } from "../labels";

/**
 * What a server gets of its node.
 *
 * As much as is asked for, of memory and of processors, which makes the pod `Guaranteed`: the parameters are computed
 * for this memory, and when a node runs out the kernel ends other pods first, and in this one a session before the
 * server (the operator sets PG_OOM_ADJUST_VALUE for such pods). Without a limit on processors it would be `Burstable`
 * and among the first to go. A change restarts every server, one after another.
 */
export function shareOf({ size }: ServerPlan) {
  const share = {
    cpu: cpuQuantity(size.vcpus),
    memory: memoryQuantity(size.memory),
    // The operator's program, and what a base backup or a recovery holds on its way.
    "ephemeral-storage": "3Gi",
  };
  return {
    resources: { requests: share, limits: share },
    ephemeralVolumesSizeLimit: {
      // Of the server's memory: what parallel workers share. Past it one statement fails; without, the pod would.
      shm: memoryQuantity(size.memory / 4),
      temporaryData: "2Gi",
    },
  } satisfies Partial<IClusterSpec>;
}

/**
 * Which nodes servers run on, and when they may be taken off them.
 *
 * Never two servers of a cluster on one node: there a second one protects from nothing. Zones are filled evenly, as a
 * rule where the settings ask for several, else as a wish that a cluster of one zone can ignore.
 *
 * A single server has no disruption budget, which would keep its node from ever being drained: it cannot be both.
 */
export function placementOf(cluster: string, instances: number, multiZone: boolean) {
  return {
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: multiZone ? "DoNotSchedule" : "ScheduleAnyway",
        // By the label that the pods that make a volume have too: it stays in the zone where it was made.
        labelSelector: { matchLabels: clusterSelector(cluster) },
        nodeTaintsPolicy: "Honor",
      },
    ],
    enablePDB: instances > 1,
  } satisfies Partial<IClusterSpec>;
}
