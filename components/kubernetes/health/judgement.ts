import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { V1Pod } from "@kubernetes/client-node";
import { shortened } from "../../lib/printable";

/** The phases of `api/v1/cluster_types.go` that matter here, as CloudNativePG 1.30 spells them. */
const HEALTHY = "Cluster in healthy state";
const NEEDS_SOMEBODY: ReadonlySet<string> = new Set([
  "Waiting for user action",
  "Invalid cluster definition",
  "Cluster is unrecoverable and needs manual intervention",
]);

/** A cluster as the API shows it, with the pods of its servers. */
export interface Observation {
  readonly cluster: ICluster;
  readonly servers: readonly V1Pod[];
}

/**
 * What a cluster lacks to be as described, a clause each; nothing of a healthy one.
 *
 * The operator says of no version of the description that it has seen it (there is no `observedGeneration`), and goes on
 * calling a changed cluster healthy until it has looked. So its verdict is compared with what it reports besides, and
 * what servers inherit from the description (`inheritedMetadata`) has to have arrived at each of them: the operator puts
 * it there before it decides whether to restart or replace any.
 */
export function shortfalls({ cluster, servers }: Observation, instances: number): string[] {
  const { spec, status = {} } = cluster;
  const { phase, phaseReason, readyInstances = 0 } = status;
  const { currentPrimary = "", targetPrimary = "" } = status;
  const conditions = new Map(status.conditions?.map((each) => [each.type, each]));
  const archiving = conditions.get("ContinuousArchiving");
  const archives = spec.plugins?.some(({ isWALArchiver }) => isWALArchiver === true) ?? false;
  const reason = phaseReason ? ` (${phaseReason})` : "";
  const untouched = servers.filter((pod) => !inherits(pod, spec.inheritedMetadata?.annotations));
  return [
    ...unless(phase === HEALTHY, `it is in the phase "${phase ?? "not begun"}"${reason}`),
    ...unless(
      phase !== HEALTHY || conditions.get("Ready")?.status === "True",
      "the operator does not call it ready",
    ),
    ...unless(
      readyInstances === instances,
      `${readyInstances} of ${instances} ${instances === 1 ? "server is" : "servers are"} ready`,
    ),
    ...unless(
      (status.instances ?? 0) <= instances,
      `it has ${status.instances ?? 0} servers instead of ${instances}`,
    ),
    ...unless(
      currentPrimary !== "" && currentPrimary === targetPrimary,
      currentPrimary === "" ? "no primary" : `${targetPrimary} takes over from ${currentPrimary}`,
    ),
    ...unless(
      spec.imageName === undefined || status.image === spec.imageName,
      `the operator has not taken up the image ${spec.imageName ?? ""}`,
    ),
    ...unless(
      untouched.length === 0,
      `the operator has not brought the change to ${untouched.map(nameOf).join(", ")}`,
    ),
    ...unless(
      !archives || archiving?.status !== "False",
      `the write-ahead log does not reach the archive: ${shortened(archiving?.message ?? "", 400)}`,
    ),
  ];
}

/** Whether it waits for a person, so that waiting for it is in vain. */
export function needsSomebody({ cluster }: Observation): boolean {
  return NEEDS_SOMEBODY.has(cluster.status?.phase ?? "");
}

export function nameOf(object: { readonly metadata?: { readonly name?: string } }): string {
  return object.metadata?.name ?? "";
}

function inherits(pod: V1Pod, annotations: Readonly<Record<string, string>> = {}): boolean {
  const own = pod.metadata?.annotations ?? {};
  return Object.entries(annotations).every(([name, value]) => own[name] === value);
}

function unless(condition: boolean, clause: string): string[] {
  return condition ? [] : [clause];
}
