import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../../route/api-error";
import type { ClusterApi } from "../../../route/cluster-api";
import { printable } from "../../../text/printable";
import { diagnose } from "./diagnosis";
import { type Observation, missingForHealth } from "./cluster-shortfalls";
import { type Finding, TroubleTimer, progressRemarks, errorSentences } from "./troubles";

/** The cluster to wait for. */
export interface AwaitedCluster {
  readonly namespace: string;
  /** Name of the CloudNativePG cluster. */
  readonly cluster: string;
  /** Servers that must be ready. */
  readonly instances: number;
  readonly timeoutMinutes: number;
}

/** Timing of the wait, in milliseconds. */
export interface WaitTiming {
  /** Between two polls. */
  readonly interval: number;
  /**
   * How long a cluster must be healthy without interruption. The operator starts on a change within a second or two,
   * and takes as long again to query each server; until then the cluster still looks healthy.
   */
  readonly settle: number;
  /** How long the API may be unreachable, and the length of a minute for each trouble's patience. */
  readonly minute: number;
}

const PATIENCE: WaitTiming = { interval: 5_000, settle: 15_000, minute: 60_000 };

/**
 * Waits until the cluster is healthy, and reports what is missing whenever that changes.
 * @throws Error with the cause, as soon as the trouble will not resolve by itself, or at the timeout
 * @throws ApiError if the API is unreachable or refuses access
 */
export async function waitForHealth(
  api: ClusterApi,
  awaited: AwaitedCluster,
  patience?: Partial<WaitTiming>,
): Promise<void> {
  const { interval, settle, minute } = { ...PATIENCE, ...patience };
  const deadline = Date.now() + awaited.timeoutMinutes * 60_000;
  const [healthy, unreachable] = [new Stopwatch(), new Stopwatch()];
  const troubles = new TroubleTimer(minute, settle);
  const reportProgress = progressReporter(awaited.cluster);

  for (;;) {
    const observation = await observe(api, awaited);
    const timedOut = Date.now() >= deadline;
    if (observation instanceof ApiError) {
      healthy.measure(false);
      if (unreachable.measure(true) >= minute || timedOut) throw observation;
      reportProgress([observation.message]);
    } else {
      unreachable.measure(false);
      const missing = missingForHealth(observation, awaited.instances);
      const isHealthy = missing.length === 0;
      if (healthy.measure(isHealthy) >= settle && isHealthy) return;
      const findings = isHealthy ? [] : await diagnose(api, awaited.namespace, observation.cluster);
      const permanent = troubles.findExpired(findings, Date.now());
      if (permanent || (timedOut && !isHealthy)) {
        throw new Error(failureText(awaited, missing, findings, permanent));
      }
      reportProgress([...missing, ...findings.flatMap(progressRemarks)]);
    }
    await sleep(interval);
  }
}

/** Reports what is missing, once per change. The CLI shows it with the resource, the embedded engine immediately. */
function progressReporter(cluster: string): (missing: readonly string[]) => void {
  let lastReport = "";
  return (missing) => {
    const text = missing.join("; ");
    if (text !== lastReport && text !== "")
      console.error(printable(`waiting for cluster ${cluster}: ${text}`));
    lastReport = text;
  };
}

/** Measures how long a condition has held without interruption. */
class Stopwatch {
  #began: number | undefined;

  /** @returns milliseconds */
  measure(on: boolean): number {
    this.#began = on ? (this.#began ?? Date.now()) : undefined;
    return this.#began === undefined ? 0 : Date.now() - this.#began;
  }
}

/** @returns the error if the API is unreachable, which may pass */
async function observe(api: ClusterApi, awaited: AwaitedCluster): Promise<Observation | ApiError> {
  const { namespace, cluster } = awaited;
  // Excludes jobs and poolers.
  const selector = `cnpg.io/cluster=${cluster},cnpg.io/podRole=instance`;
  try {
    return {
      cluster: await api.cluster(namespace, cluster),
      servers: await api.pods(namespace, selector),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.kind === "unreachable") return error;
    throw error.kind === "absent" ? await explainNotFound(api, awaited, error) : error;
  }
}

/** Explains a 404: no operator, no cluster, or no namespace. */
async function explainNotFound(
  api: ClusterApi,
  { namespace, cluster }: AwaitedCluster,
  cause: ApiError,
): Promise<Error> {
  // A 404 for a known kind names the object; for an unknown kind it is a page of text.
  if (!cause.answer.includes(`"${cluster}"`)) {
    return new Error(
      `CloudNativePG is not installed in the Kubernetes cluster at ${api.name}: kind Cluster of postgresql.cnpg.io/v1 ` +
        `is unknown. Install it, or set sark-databases:kubernetes.operators.cloudnativePg to install`,
      { cause },
    );
  }
  // Without the permission to read namespaces, assume that it exists.
  const exists = await api.hasNamespace(namespace).catch(() => true);
  const what = exists
    ? `CloudNativePG cluster ${cluster} in namespace ${namespace}`
    : `namespace ${namespace}`;
  return new Error(
    `${what} not found at ${api.name}: it was deleted, or the kubeconfig context is wrong (sark-databases:kubernetes.context)`,
    { cause },
  );
}

/** @param permanent - trouble that does not resolve by itself */
function failureText(
  { namespace, cluster, timeoutMinutes }: AwaitedCluster,
  missing: readonly string[],
  findings: readonly Finding[],
  permanent?: Finding,
): string {
  const duration = `${timeoutMinutes} ${timeoutMinutes === 1 ? "minute" : "minutes"}`;
  const state = permanent
    ? "is unhealthy and will not recover by itself"
    : `is not healthy after ${duration}`;
  const others = findings.filter((each) => each !== permanent);
  const reported = permanent
    ? [permanent, ...others.filter((each) => each.state !== undefined)]
    : others;
  return [
    `cluster ${cluster} in namespace ${namespace} ${state}: ${missing.join("; ")}`,
    ...reported.flatMap(errorSentences),
    ...(permanent
      ? []
      : [
          "Run `up` again to keep waiting; sark-databases:kubernetes.readyMinutes sets the timeout",
        ]),
  ].join(". ");
}
