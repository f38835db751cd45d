import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../../route/api-error";
import type { ClusterApi } from "../../../route/cluster-api";
import { printable } from "../../../text/printable";
import { diagnose } from "./diagnosis";
import { type Observation, shortfalls } from "./judgement";
import { type Finding, TroubleTimer, remarksOn, sentencesOn } from "./troubles";

/** Who is waited for. */
export interface Awaited {
  readonly namespace: string;
  /** Name of the CloudNativePG cluster. */
  readonly cluster: string;
  /** Servers that have to be ready. */
  readonly instances: number;
  readonly timeoutMinutes: number;
}

/** Milliseconds. */
export interface Patience {
  /** Between two looks. */
  readonly interval: number;
  /**
   * How long a cluster has to be healthy without a break. The operator is told of a change at once and begins within a
   * second or two, with as many more for asking each server; until then the cluster looks as healthy as before.
   */
  readonly settle: number;
  /** How long the API may be away, and the unit of what each trouble is given. */
  readonly minute: number;
}

const PATIENCE: Patience = { interval: 5_000, settle: 15_000, minute: 60_000 };

/**
 * Waits until nothing is missing any more, and says what is whenever that changes.
 * @throws Error with what keeps the cluster from being healthy, as soon as that does not pass by itself
 * @throws ApiError when the API does not let one know
 */
export async function waitForHealth(
  api: ClusterApi,
  awaited: Awaited,
  patience?: Partial<Patience>,
): Promise<void> {
  const { interval, settle, minute } = { ...PATIENCE, ...patience };
  const deadline = Date.now() + awaited.timeoutMinutes * 60_000;
  const [healthy, away] = [new Spell(), new Spell()];
  const troubles = new TroubleTimer(minute, settle);
  const announce = announcer(awaited.cluster);

  for (;;) {
    const observation = await observe(api, awaited);
    const late = Date.now() >= deadline;
    if (observation instanceof ApiError) {
      healthy.go(false);
      if (away.go(true) >= minute || late) throw observation;
      announce([observation.message]);
    } else {
      away.go(false);
      const missing = shortfalls(observation, awaited.instances);
      const whole = missing.length === 0;
      if (healthy.go(whole) >= settle && whole) return;
      const findings = whole ? [] : await diagnose(api, awaited.namespace, observation.cluster);
      const hopeless = troubles.look(findings, Date.now());
      if (hopeless || (late && !whole)) {
        throw new Error(report(awaited, missing, findings, hopeless));
      }
      announce([...missing, ...findings.flatMap(remarksOn)]);
    }
    await sleep(interval);
  }
}

/**
 * Says what is waited for, once as long as it stays the same. The CLI shows it with the resource, the embedded engine
 * at once.
 */
function announcer(cluster: string): (missing: readonly string[]) => void {
  let said = "";
  return (missing) => {
    const text = missing.join("; ");
    if (text !== said && text !== "")
      console.error(printable(`waiting for cluster ${cluster}: ${text}`));
    said = text;
  };
}

/** For how long something has been so without a break. */
class Spell {
  #began: number | undefined;

  /** @returns milliseconds */
  go(on: boolean): number {
    this.#began = on ? (this.#began ?? Date.now()) : undefined;
    return this.#began === undefined ? 0 : Date.now() - this.#began;
  }
}

/** @returns the error when the API is away, which may pass */
async function observe(api: ClusterApi, awaited: Awaited): Promise<Observation | ApiError> {
  const { namespace, cluster } = awaited;
  // Neither jobs nor poolers.
  const selector = `cnpg.io/cluster=${cluster},cnpg.io/podRole=instance`;
  try {
    return {
      cluster: await api.cluster(namespace, cluster),
      servers: await api.pods(namespace, selector),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.kind === "unreachable") return error;
    throw error.kind === "absent" ? await absence(api, awaited, error) : error;
  }
}

/** What there is not, when there is not what is waited for. */
async function absence(
  api: ClusterApi,
  { namespace, cluster }: Awaited,
  cause: ApiError,
): Promise<Error> {
  // The answer to a kind that exists names the object; to one that does not, it is a page of text.
  if (!cause.answer.includes(`"${cluster}"`)) {
    return new Error(
      `CloudNativePG is not installed in the Kubernetes cluster at ${api.name}: kind Cluster of postgresql.cnpg.io/v1 ` +
        `is unknown. Install it, or set sark-databases:kubernetes.operators.cloudnativePg to install`,
      { cause },
    );
  }
  // Who may not read namespaces learns less.
  const exists = await api.hasNamespace(namespace).catch(() => true);
  const what = exists
    ? `CloudNativePG cluster ${cluster} in namespace ${namespace}`
    : `namespace ${namespace}`;
  return new Error(
    `${what} not found at ${api.name}: it was deleted, or the kubeconfig context is wrong (sark-databases:kubernetes.context)`,
    { cause },
  );
}

/** @param hopeless - what does not pass by itself */
function report(
  { namespace, cluster, timeoutMinutes }: Awaited,
  missing: readonly string[],
  findings: readonly Finding[],
  hopeless?: Finding,
): string {
  const duration = `${timeoutMinutes} ${timeoutMinutes === 1 ? "minute" : "minutes"}`;
  const state = hopeless
    ? "is unhealthy and will not recover by itself"
    : `is not healthy after ${duration}`;
  const others = findings.filter((each) => each !== hopeless);
  const told = hopeless ? [hopeless, ...others.filter((each) => each.state !== undefined)] : others;
  return [
    `cluster ${cluster} in namespace ${namespace} ${state}: ${missing.join("; ")}`,
    ...told.flatMap(sentencesOn),
    ...(hopeless
      ? []
      : [
          "Run `up` again to keep waiting; sark-databases:kubernetes.readyMinutes sets the timeout",
        ]),
  ].join(". ");
}
