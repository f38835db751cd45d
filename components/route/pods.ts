import type { ClusterApi } from "./cluster-api";
import type { Target } from "./dialers";
import { RouteError } from "./route-error";

/** PostgreSQL's port, which the operator does not let one change. */
const SERVER_PORT = 5432;

/** The pods behind which a target is, and words for them. */
export interface Pods {
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

export function podsOf(target: Target): Pods {
  if ("labels" in target) {
    const { labels, port, server } = target;
    const all = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    return { port, selector: all, all, does: `serves ${server}`, name: "the pod" };
  }
  const { cluster, role = "primary" } = target;
  const all = `cnpg.io/cluster=${cluster}`;
  const common = { port: SERVER_PORT, all, selector: `${all},cnpg.io/instanceRole=${role}` };
  return role === "primary"
    ? { ...common, does: `is the primary of cluster ${cluster}`, name: "the primary's pod" }
    : { ...common, does: `is a stand-by of cluster ${cluster}`, name: "the stand-by's pod" };
}

/** Name of a pod that is ready. */
export async function findPod(
  api: ClusterApi,
  namespace: string,
  { selector, all, does, name }: Pods,
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
