import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { nameOf } from "./cluster-shortfalls";
import { type Finding, type Trouble, matchTrouble } from "./troubles";
import { singleLine } from "./pod-events";

/** Waiting reasons of a normal start. */
const STARTING: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/** Trouble by the kubelet's waiting reason and message. */
const WAITING: readonly (readonly [RegExp, Trouble])[] = [
  [/^(InvalidImageName|ErrImageNeverPull)\b/, "image name"],
  [
    /^(ErrImagePull|ImagePullBackOff)\b.*(not found|manifest unknown|unauthorized|denied|forbidden|no match for platform)/i,
    "image refused",
  ],
  [/^(ErrImagePull|ImagePullBackOff|RegistryUnavailable|ImageInspectError)\b/, "image unavailable"],
  [/^CreateContainer(Config)?Error\b/, "configuration"],
  [/^(CrashLoopBackOff|RunContainerError|StartError)\b/, "crash"],
];

/** Excludes poolers, which also carry the cluster's label. */
export function isNoPooler({ metadata }: V1Pod): boolean {
  return metadata?.labels?.["cnpg.io/podRole"] !== "pooler";
}

export function isNotReady(pod: V1Pod): boolean {
  if (pod.status?.phase === "Succeeded") return false;
  return condition(pod, "Ready")?.status !== "True";
}

/** Sorts trouble that cannot resolve by itself first. */
export function bySeverity(left: V1Pod, right: V1Pod): number {
  return severity(right) - severity(left);
}

function severity(pod: V1Pod): number {
  if (firstProblem(pod) !== undefined) return 3;
  if (pod.status?.phase === "Failed") return 2;
  return condition(pod, "PodScheduled")?.status === "False" ? 1 : 0;
}

/** Describes the problem of a pod that is not ready. */
export function podFinding(pod: V1Pod, namespace: string): Finding {
  const name = nameOf(pod);
  const { status, metadata } = pod;
  const kubectl = `kubectl --namespace ${namespace}`;
  const details = [`See ${kubectl} describe pod ${name}`];
  const scheduled = condition(pod, "PodScheduled");
  const problem = firstProblem(pod);
  if (problem !== undefined) {
    // A job recreates its pods under other names.
    const job = metadata?.labels?.["batch.kubernetes.io/job-name"];
    if (problem.trouble === "crash") details.push(`Log: ${kubectl} logs ${name} ${problem.log}`);
    return {
      trouble: problem.trouble,
      headline: `${job === undefined ? `Pod ${name}` : `Job ${job}`}: ${problem.headline}`,
      state: `Pod ${name}: ${problem.state}`,
      details,
    };
  }
  if (scheduled?.status === "False") {
    const state = `Pod ${name} cannot be scheduled (${scheduled.reason ?? ""}): ${singleLine(scheduled.message)}`;
    return { headline: state, state, details };
  }
  const why = singleLine([status?.reason, status?.message].filter(Boolean).join(": "));
  const headline = `Pod ${name} is ${status?.phase ?? "new"} but not ready`;
  return { headline, state: `${headline}${why === "" ? "" : ` (${why})`}`, details };
}

interface ContainerProblem {
  readonly trouble: Trouble | undefined;
  readonly headline: string;
  readonly state: string;
  /** Options of `kubectl logs` for the container's output. */
  readonly log: string;
}

/** The problem of the pod's first failing container. */
function firstProblem({ status }: V1Pod): ContainerProblem | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.map(containerProblem).find((each) => each !== undefined);
}

function containerProblem(status: V1ContainerStatus): ContainerProblem | undefined {
  const { name, image, state, lastState } = status;
  const waiting = state?.waiting;
  const terminated = state?.terminated ?? lastState?.terminated;
  const ended =
    terminated !== undefined && terminated.exitCode !== 0
      ? `exited with code ${terminated.exitCode} (${terminated.reason ?? "Error"})`
      : undefined;
  const log = `--container ${name}${state?.terminated ? "" : " --previous"}`;
  const headline = `container ${name} ${ended ?? ""}`;
  if (waiting?.reason !== undefined && !STARTING.has(waiting.reason)) {
    const { reason } = waiting;
    const message = waiting.message === undefined ? "" : `: ${singleLine(waiting.message)}`;
    const before = ended === undefined ? "" : `; before that it ${ended}`;
    const trouble = matchTrouble(WAITING, `${reason} ${singleLine(waiting.message)}`);
    const crashed = trouble === "crash" && ended !== undefined;
    return {
      trouble,
      headline: crashed ? headline : waitingHeadline(name, reason, image),
      state: `container ${name} is waiting: ${reason} (image ${image})${message}${before}`,
      log,
    };
  }
  if (ended === undefined || status.ready) return undefined;
  return { trouble: "crash", headline, state: headline, log };
}

/** Gives one text for both: the kubelet alternates between two reasons for the same pull failure. */
function waitingHeadline(container: string, reason: string, image: string): string {
  return /^(ErrImagePull|ImagePullBackOff)$/.test(reason)
    ? `container ${container} cannot pull image ${image}`
    : `container ${container} is waiting: ${reason} (image ${image})`;
}

function condition(pod: V1Pod, type: string) {
  return pod.status?.conditions?.find((each) => each.type === type);
}
