import type { ClusterApi } from "./cluster-api";
import { RouteError } from "./route-error";
import { type RdsTarget, type Target, isRds } from "./plan/targets";

/** PostgreSQL's port, which the operator does not let one change. */
const SERVER_PORT = 5432;

/** The pods behind which a target is, and words for them. */
export interface Pods {
  readonly namespace: string;
  /** Port on which they, and the service before them, take connections. */
  readonly port: number;
  /** Labels of those of them that will do, as kubectl takes them. */
  readonly selector: string;
  /** Labels of all of them. */
  readonly all: string;
  /** What such a pod does: "is the primary of cluster sark". */
  readonly does: string;
  /** "the primary's pod" */
  readonly name: string;
}

/** Port of the server, or of the service before it. */
export function portOf(target: Target): number {
  return "port" in target ? target.port : SERVER_PORT;
}

/** Context of the kubeconfig that the target is reached with. @returns undefined for the current one */
export function contextOf(target: Target): string | undefined {
  if (!isRds(target)) return target.context;
  return target.route.kind === "port-forward" ? target.route.gateway.context : undefined;
}

/** @throws RouteError for a server that no pod leads to */
export function podsOf(target: Target): Pods {
  if (isRds(target)) return gatewayOf(target);
  const { namespace } = target;
  if ("labels" in target) {
    const { labels, port, server } = target;
    const all = selectorOf(labels);
    return { namespace, port, selector: all, all, does: `serves ${server}`, name: "the pod" };
  }
  const { cluster, role = "primary" } = target;
  const all = `cnpg.io/cluster=${cluster}`;
  const selector = `${all},cnpg.io/instanceRole=${role}`;
  const common = { namespace, port: SERVER_PORT, all, selector };
  return role === "primary"
    ? { ...common, does: `is the primary of cluster ${cluster}`, name: "the primary's pod" }
    : { ...common, does: `is a stand-by of cluster ${cluster}`, name: "the stand-by's pod" };
}

function gatewayOf({ route, server, role = "primary" }: RdsTarget): Pods {
  const gateway = route.kind === "port-forward" ? route.gateway : undefined;
  const port = role === "primary" ? gateway?.port : gateway?.replicaPort;
  if (gateway === undefined || port === undefined) {
    throw new RouteError(`no pod leads to ${server}`, false);
  }
  const { namespace, labels } = gateway;
  const all = selectorOf(labels);
  return {
    namespace,
    port,
    selector: all,
    all,
    does: `leads to ${server}`,
    name: "the gateway's pod",
  };
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Name of a pod that is ready. */
export async function findPod(
  api: ClusterApi,
  { namespace, selector, all, does, name }: Pods,
): Promise<string> {
  const pods = await api.pods(namespace, selector);
  // While the primary changes, there may be none, or beside it the one that it was.
  const staying = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const ready = staying.find(({ status }) =>
    status?.conditions?.some((each) => each.type === "Ready" && each.status === "True"),
  );
  const found = ready?.metadata?.name;
  if (found !== undefined) return found;
  const [pod] = staying;
  const state =
    pod === undefined
      ? `no pod in namespace ${namespace} ${does}`
      : `${name} ${pod.metadata?.name ?? ""} is not ready (${pod.status?.phase ?? "no phase"})`;
  throw new RouteError(`${state}; see kubectl --namespace ${namespace} get pods -l ${all}`, true);
}
