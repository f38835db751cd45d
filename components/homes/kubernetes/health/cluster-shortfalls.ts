import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { V1Pod } from "@kubernetes/client-node";
import { compact } from "../../../text/present";
import { singleLine } from "./pod-events";

/** The healthy phase, from `api/v1/cluster_types.go` of CloudNativePG 1.30. */
const HEALTHY = "Cluster in healthy state";
/** A cluster and its server pods, as the API returns them. */
export interface Observation {
  readonly cluster: ICluster;
  readonly servers: readonly V1Pod[];
}

/**
 * Lists what keeps a cluster from matching its spec, one clause each; empty for a healthy cluster.
 *
 * The operator does not report which version of the spec it has seen (no `observedGeneration`), and calls a changed
 * cluster healthy until it has looked. So its verdict is compared with the rest of the status. The metadata that
 * servers inherit (`inheritedMetadata`) must also have reached each of them: the operator sets it before it decides
 * whether to restart or replace any.
 */
export function missingForHealth({ cluster, servers }: Observation, instances: number): string[] {
  const { spec, status = {} } = cluster;
  const { phase, phaseReason, readyInstances = 0 } = status;
  const { currentPrimary = "", targetPrimary = "" } = status;
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const refusal = archivingError(cluster);
  const reason = phaseReason ? ` (${phaseReason})` : "";
  const outdated = servers.filter((pod) => !inherits(pod, spec.inheritedMetadata?.annotations));
  return compact(
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
    outdated.length > 0 && `the change has not reached ${outdated.map(nameOf).join(", ")}`,
    refusal !== undefined && `WAL archiving fails: ${refusal}`,
  );
}

/** Why the last WAL segment was not archived; undefined if it was. */
export function archivingError({ spec, status }: ICluster): string | undefined {
  if (spec.plugins?.some(({ isWALArchiver }) => isWALArchiver === true) !== true) return undefined;
  const archiving = status?.conditions?.find(({ type }) => type === "ContinuousArchiving");
  return archiving?.status === "False" ? singleLine(archiving.message) : undefined;
}

export function nameOf(object: { readonly metadata?: { readonly name?: string } }): string {
  return object.metadata?.name ?? "";
}

function inherits(pod: V1Pod, annotations: Readonly<Record<string, string>> = {}): boolean {
  const own = pod.metadata?.annotations ?? {};
  return Object.entries(annotations).every(([name, value]) => own[name] === value);
}
