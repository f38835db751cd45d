import type { ClusterApi } from "./cluster-api";
import { RouteError } from "./route-error";
import { type RdsTarget, type Target, isRds } from "./plan/targets";

/** PostgreSQL's port; the operator does not allow another. */
const SERVER_PORT = 5432;

/** Pods through which a target is reached, with words for messages. */
export interface TargetPods {
  readonly namespace: string;
  /** Port of the pods and their service. */
  readonly port: number;
  /** Label selector of the usable pods, in kubectl's notation. */
  readonly selector: string;
  /** Label selector of all pods. */
  readonly all: string;
  /** What such a pod does: "is the primary of cluster sark". */
  readonly roleText: string;
  /** "the primary's pod" */
  readonly name: string;
}

/** Port of the server or its service. */
export function serverPortOf(target: Target): number {
  return "port" in target ? target.port : SERVER_PORT;
}

/** Kubeconfig context of the target. @returns undefined for the current one */
export function kubeContext(target: Target): string | undefined {
  if (!isRds(target)) return target.context;
  return target.route.kind === "port-forward" ? target.route.gateway.context : undefined;
}

/** @throws RouteError for a server without a gateway pod */
export function targetPods(target: Target): TargetPods {
  if (isRds(target)) return gatewayOf(target);
  const { namespace } = target;
  if ("labels" in target) {
    const { labels, port, server } = target;
    const all = selectorOf(labels);
    return { namespace, port, selector: all, all, roleText: `serves ${server}`, name: "the pod" };
  }
  const { cluster, role = "primary" } = target;
  const all = `cnpg.io/cluster=${cluster}`;
  const selector = `${all},cnpg.io/instanceRole=${role}`;
  const common = { namespace, port: SERVER_PORT, all, selector };
  return role === "primary"
    ? { ...common, roleText: `is the primary of cluster ${cluster}`, name: "the primary's pod" }
    : { ...common, roleText: `is a stand-by of cluster ${cluster}`, name: "the stand-by's pod" };
}

function gatewayOf({ route, server, role = "primary" }: RdsTarget): TargetPods {
  const gateway = route.kind === "port-forward" ? route.gateway : undefined;
  const port = role === "primary" ? gateway?.port : gateway?.replicaPort;
  if (gateway === undefined || port === undefined) {
    throw new RouteError(`no gateway pod leads to ${server}`, false);
  }
  const { namespace, labels } = gateway;
  const all = selectorOf(labels);
  return {
    namespace,
    port,
    selector: all,
    all,
    roleText: `leads to ${server}`,
    name: "the gateway's pod",
  };
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Finds the name of a ready pod. */
export async function findPod(
  api: ClusterApi,
  { namespace, selector, all, roleText, name }: TargetPods,
): Promise<string> {
  const pods = await api.pods(namespace, selector);
  // During a failover there may be no primary, or the old one beside the new.
  const staying = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const ready = staying.find(({ status }) =>
    status?.conditions?.some((each) => each.type === "Ready" && each.status === "True"),
  );
  const found = ready?.metadata?.name;
  if (found !== undefined) return found;
  const [pod] = staying;
  const state =
    pod === undefined
      ? `no pod in namespace ${namespace} ${roleText}`
      : `${name} ${pod.metadata?.name ?? ""} is not ready (${pod.status?.phase ?? "no phase"})`;
  throw new RouteError(`${state}; see kubectl --namespace ${namespace} get pods -l ${all}`, true);
}
