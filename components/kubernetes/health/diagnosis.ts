import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { ApiError } from "../../route/api-error";
import type { ClusterApi } from "../../route/cluster-api";
import { nameOf } from "./judgement";
import { shortened } from "../../lib/printable";

/** What a container waits for in the normal course of starting. */
const STARTING: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/**
 * Why a cluster does not get on, as far as pods, volume claims and events tell: sentences without their full stops.
 * The first pod that is in trouble stands for the others; without one, the first claim; without either, what happened
 * last to the cluster or its jobs, such as a quota that lets no pod be made.
 */
export async function diagnose(
  api: ClusterApi,
  namespace: string,
  cluster: string,
): Promise<readonly string[]> {
  const sentences: string[] = [];
  try {
    for await (const sentence of findings(api, namespace, cluster)) sentences.push(sentence);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sentences.push(`More cannot be told: ${error.message}`);
  }
  return sentences;
}

async function* findings(
  api: ClusterApi,
  namespace: string,
  cluster: string,
): AsyncGenerator<string> {
  const selector = `cnpg.io/cluster=${cluster}`;
  const see = `See kubectl --namespace ${namespace} describe`;
  const pods = (await api.pods(namespace, selector)).filter(isPart);
  const [pod] = pods.filter(isUnwell).sort((a, b) => gravity(b) - gravity(a));
  if (pod !== undefined) {
    yield stateOf(pod);
    yield `${see} pod ${nameOf(pod)}`;
    yield* await lastEvent(api, namespace, "Pod", (name) => name === nameOf(pod));
    return;
  }
  const claims = await api.volumeClaims(namespace, selector);
  const claim = claims.find(({ status }) => status?.phase !== "Bound");
  if (claim !== undefined) {
    yield `Volume claim ${nameOf(claim)} is ${claim.status?.phase ?? "new"}`;
    yield `${see} pvc ${nameOf(claim)}`;
    const kind = "PersistentVolumeClaim";
    yield* await lastEvent(api, namespace, kind, (name) => name === nameOf(claim));
    return;
  }
  yield `${see} clusters.postgresql.cnpg.io ${cluster}`;
  // With the server's number: the names of other clusters and of the maintenance jobs may begin alike.
  const ownJob = new RegExp(`^${cluster}-\\d+-[a-z]`);
  const ofJobs = await lastEvent(api, namespace, "Job", (name) => ownJob.test(name));
  if (pods.length === 0 && ofJobs.length > 0) yield* ofJobs;
  else yield* await lastEvent(api, namespace, "Cluster", (name) => name === cluster);
}

/** Poolers bear the cluster's label too. */
function isPart({ metadata }: V1Pod): boolean {
  return metadata?.labels?.["cnpg.io/podRole"] !== "pooler";
}

function isUnwell(pod: V1Pod): boolean {
  if (pod.status?.phase === "Succeeded") return false;
  return condition(pod, "Ready")?.status !== "True";
}

/** What cannot pass by itself comes first. */
function gravity(pod: V1Pod): number {
  if (trouble(pod) !== undefined) return 3;
  if (pod.status?.phase === "Failed") return 2;
  return condition(pod, "PodScheduled")?.status === "False" ? 1 : 0;
}

function stateOf(pod: V1Pod): string {
  const name = nameOf(pod);
  const { status } = pod;
  const scheduled = condition(pod, "PodScheduled");
  const ill = trouble(pod);
  if (ill !== undefined) return `Pod ${name}: ${ill}`;
  if (scheduled?.status === "False") {
    return `Pod ${name} finds no node (${scheduled.reason ?? ""}): ${words(scheduled.message)}`;
  }
  const why = words([status?.reason, status?.message].filter(Boolean).join(": "));
  return `Pod ${name} is ${status?.phase ?? "new"} and not ready${why === "" ? "" : ` (${why})`}`;
}

/** What is wrong with the first of a pod's containers with which something is wrong. */
function trouble({ status }: V1Pod): string | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.map(containerTrouble).find((each) => each !== undefined);
}

function containerTrouble(status: V1ContainerStatus): string | undefined {
  const { name, image, state, lastState } = status;
  const waiting = state?.waiting;
  const terminated = state?.terminated ?? lastState?.terminated;
  const ended =
    terminated !== undefined && terminated.exitCode !== 0
      ? `ended with code ${terminated.exitCode} (${terminated.reason ?? "Error"})`
      : undefined;
  if (waiting?.reason !== undefined && !STARTING.has(waiting.reason)) {
    const message = waiting.message === undefined ? "" : `: ${words(waiting.message)}`;
    const before = ended === undefined ? "" : `; before that it ${ended}`;
    return `container ${name} waits, ${waiting.reason} (image ${image})${message}${before}`;
  }
  return ended === undefined || status.ready ? undefined : `container ${name} ${ended}`;
}

function condition(pod: V1Pod, type: string) {
  return pod.status?.conditions?.find((each) => each.type === type);
}

/** A sentence on the last event of an object of that kind, or none. */
async function lastEvent(
  api: ClusterApi,
  namespace: string,
  kind: string,
  isMeant: (name: string) => boolean,
): Promise<readonly string[]> {
  const [last] = (await api.events(namespace, kind))
    .filter(({ involvedObject }) => isMeant(involvedObject.name ?? ""))
    .sort((a, b) => timeOf(b) - timeOf(a));
  if (last === undefined) return [];
  const times = last.series?.count ?? last.count ?? 1;
  const when = `${ageOf(timeOf(last))} ago${times > 1 ? ` (${times} times)` : ""}`;
  const subject = `${kind} ${last.involvedObject.name ?? ""}`;
  return [`Last event of ${subject}, ${when}: ${last.reason ?? ""}: ${words(last.message)}`];
}

/** When an event was seen last; who reports them fills in one of several fields. */
function timeOf({ series, lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const given = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp];
  return new Date(given.find((time) => time !== undefined) ?? 0).getTime();
}

function ageOf(time: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** On one line, without the full stop, and no longer than one reads. */
function words(text = ""): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return shortened(line, 400);
}
