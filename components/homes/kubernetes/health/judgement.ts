import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { V1Pod } from "@kubernetes/client-node";
import { present } from "../../../text/present";
import { clause } from "./pod-events";

/** A phase of `api/v1/cluster_types.go`, as CloudNativePG 1.30 spells it. */
const HEALTHY = "Cluster in healthy state";
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
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const refusal = archiveRefusal(cluster);
  const reason = phaseReason ? ` (${phaseReason})` : "";
  const untouched = servers.filter((pod) => !inherits(pod, spec.inheritedMetadata?.annotations));
  return present(
    phase !== HEALTHY && `phase "${phase ?? "not started"}"${reason}`,
    phase === HEALTHY && ready?.status !== "True" && "the operator does not report it ready",
    readyInstances !== instances &&
      `${readyInstances} of ${instances} ${instances === 1 ? "server is" : "servers are"} ready`,
    (status.instances ?? 0) > instances &&
      `it has ${status.instances ?? 0} servers instead of ${instances}`,
    currentPrimary === "" && "no primary",
    currentPrimary !== "" &&
      currentPrimary !== targetPrimary &&
      `${targetPrimary} is taking over from ${currentPrimary}`,
    spec.imageName !== undefined &&
      status.image !== spec.imageName &&
      `the operator has not applied image ${spec.imageName}`,
    untouched.length > 0 && `the change has not reached ${untouched.map(nameOf).join(", ")}`,
    refusal !== undefined && `WAL archiving fails: ${refusal}`,
  );
}

/** Why the last segment of the write-ahead log did not reach the archive; undefined when it did. */
export function archiveRefusal({ spec, status }: ICluster): string | undefined {
  if (spec.plugins?.some(({ isWALArchiver }) => isWALArchiver === true) !== true) return undefined;
  const archiving = status?.conditions?.find(({ type }) => type === "ContinuousArchiving");
  return archiving?.status === "False" ? clause(archiving.message) : undefined;
}

export function nameOf(object: { readonly metadata?: { readonly name?: string } }): string {
  return object.metadata?.name ?? "";
}

function inherits(pod: V1Pod, annotations: Readonly<Record<string, string>> = {}): boolean {
  const own = pod.metadata?.annotations ?? {};
  return Object.entries(annotations).every(([name, value]) => own[name] === value);
}
