import type { IClusterSpec } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterSpec";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import type { ServerPlan } from "../../plan/server-plan";
import { clusterSelector } from "../labels";

/**
 * CPU and memory of a server.
 *
 * Limits equal requests, which makes the pod `Guaranteed`: the parameters are computed for this memory. When a node
 * runs out of memory, the kernel kills other pods first, and in this pod a session before the server (the operator sets
 * PG_OOM_ADJUST_VALUE for such pods). Without a CPU limit the pod would be `Burstable` and among the first to go. A
 * change restarts every server, one after another.
 */
export function serverResources({ size }: ServerPlan) {
  const share = {
    cpu: cpuQuantity(size.vcpus),
    memory: memoryQuantity(size.memory),
    // For the operator's program, and temporary files of a base backup or recovery.
    "ephemeral-storage": "3Gi",
  };
  return {
    resources: { requests: share, limits: share },
    ephemeralVolumesSizeLimit: {
      // Counted in the server's memory; parallel workers share it. Above this limit one statement
      // fails; without it, the pod would.
      shm: memoryQuantity(size.memory / 4),
      temporaryData: "2Gi",
    },
  } satisfies Partial<IClusterSpec>;
}

/**
 * Placement of servers on nodes, and protection from eviction.
 *
 * Two servers of a cluster never share a node, since a second one there protects from nothing. Zones are filled evenly:
 * required if the settings ask for several, otherwise preferred, so that a single-zone cluster works.
 *
 * A single server has no disruption budget, which would block every drain of its node.
 */
export function placementSpec(cluster: string, instances: number, multiZone: boolean) {
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
        // This label is also on the pods that create a volume, which stays in the zone where it was created.
        labelSelector: { matchLabels: clusterSelector(cluster) },
        nodeTaintsPolicy: "Honor",
      },
    ],
    enablePDB: instances > 1,
  } satisfies Partial<IClusterSpec>;
}
