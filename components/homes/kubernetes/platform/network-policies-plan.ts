import { GATEWAY_NAME, POOL_NAME, activeClusterNames } from "../plan/cluster-names";
import type { ClusterStack } from "../plan/cluster-stack";
import { compact } from "../../../text/present";
import {
  OBJECT_STORE_CLIENT,
  clusterSelector,
  clustersSelector,
  partSelector,
  selector,
} from "../labels";
import {
  type NetworkPolicyPlan,
  PORTS,
  type Peer,
  type Pods,
  ipBlock,
  egress,
  ingress,
  lastingPolicy,
  temporaryPolicy,
  tcp,
  toObjectStore,
  podsOfNamespace,
} from "./network-policies-rules";

type Policies = readonly (NetworkPolicyPlan | false)[];

const everyPod: Pods = {};
const pool: Pods = { matchLabels: selector("pgbouncer", POOL_NAME) };
const gateway: Pods = { matchLabels: selector("gateway", GATEWAY_NAME) };
const exporter: Pods = { matchLabels: partSelector("exporter") };
const jobs: Pods = { matchLabels: partSelector("maintenance") };
const objectStoreClients: Pods = { matchLabels: OBJECT_STORE_CLIENT };
/** Includes clusters left behind after a recovery, which still need monitoring and archiving. */
const anyServer = clustersSelector();

/**
 * All network policies: traffic is denied unless a policy allows it. Pure.
 *
 * Two paths need no policy, since neither crosses the pod network: the node's own probes, and a port-forward, which the
 * kubelet opens inside the pod. Anyone who may create `pods/portforward` reaches the databases.
 */
export function networkPolicies(stack: ClusterStack): readonly NetworkPolicyPlan[] {
  const { platform } = stack;
  const { clients, runner } = platform;
  const clusters = activeClusterNames(stack.clusters);
  // No selector matches nothing, so leave it undefined without clusters.
  const servers = clusters.length === 0 ? undefined : clustersSelector(clusters);
  return compact(
    ...everyPodsPolicies(),
    ...(servers ? serverPolicies(stack, clusters) : []),
    ...(stack.pool ? poolPolicies(stack, servers) : []),
    // Without a pool the application connects directly to the servers.
    stack.pool === undefined &&
      servers !== undefined &&
      temporaryPolicy(
        "databases-from-clients",
        `The application in ${clients} connects to the servers.`,
        ingress(servers, [podsOfNamespace(clients)], tcp(PORTS.postgres)),
      ),
    // For a program that runs inside the cluster; a port-forward needs no policy.
    stack.route === "direct" &&
      runner !== undefined &&
      servers !== undefined &&
      temporaryPolicy(
        "databases-from-runner",
        `This program, in ${runner}, makes roles and schema in the servers.`,
        ingress(servers, [podsOfNamespace(runner)], tcp(PORTS.postgres)),
      ),
    stack.gateway &&
      toRds(
        stack,
        "gateway-to-rds",
        "The gateway leads to the servers on RDS; a port-forward comes in to it without an opening.",
        gateway,
      ),
    ...(stack.served.some(({ jobs: own }) => own.length > 0) ? jobPolicies(stack, servers) : []),
    ...(stack.monitoring ? metricsPolicies(stack, servers) : []),
  );
}

function everyPodsPolicies(): Policies {
  const podSelector = { matchLabels: { "k8s-app": "kube-dns" } };
  const dns: Peer = { ...podsOfNamespace("kube-system"), podSelector };
  return [
    lastingPolicy("default-deny", "Nothing talks to anything, unless another policy opens it.", {
      podSelector: everyPod,
      policyTypes: ["Ingress", "Egress"],
    }),
    lastingPolicy(
      "dns",
      "Every pod asks the cluster's DNS.",
      egress(everyPod, [dns], [{ port: PORTS.dns, protocol: "UDP" }, ...tcp(PORTS.dns)]),
    ),
  ];
}

function serverPolicies(
  { platform, backups: { bucket } }: ClusterStack,
  clusters: readonly string[],
): Policies {
  const { operators, egress: blocks } = platform;
  const podSelector = { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } };
  const operator: Peer = { ...podsOfNamespace(operators.namespace), podSelector };
  return [
    ...clusters.map((cluster) => {
      const own: Pods = { matchLabels: clusterSelector(cluster) };
      const ports = tcp(PORTS.postgres, PORTS.status);
      return lastingPolicy(
        `${cluster}-among-themselves`,
        `The servers of ${cluster} replicate, join, and ask each other whether they are isolated.`,
        {
          podSelector: own,
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: own }], ports }],
          egress: [{ to: [{ podSelector: own }], ports }],
        },
      );
    }),
    lastingPolicy(
      "databases-from-operator",
      "CloudNativePG reads the servers' status and steers them.",
      // CloudNativePG's manual requires both ports.
      ingress(anyServer, [operator], tcp(PORTS.status, PORTS.postgres)),
    ),
    lastingPolicy(
      "databases-to-api-server",
      "The operator's program in each server's pod reads its cluster and reports to it.",
      egress(anyServer, blocks.apiServer.map(ipBlock), tcp(PORTS.https, PORTS.apiServer)),
    ),
    bucket !== undefined &&
      lastingPolicy(
        "databases-to-object-store",
        "The servers archive their log, take backups and recover from them.",
        toObjectStore(bucket, blocks.objectStore, anyServer),
      ),
  ];
}

function poolPolicies(stack: ClusterStack, servers: Pods | undefined): Policies {
  const { clients } = stack.platform;
  return [
    temporaryPolicy(
      "pgbouncer-from-clients",
      `The application in ${clients} connects to PgBouncer.`,
      ingress(pool, [podsOfNamespace(clients)], tcp(PORTS.pool)),
    ),
    ...toServers(
      servers,
      ["pgbouncer", pool],
      "PgBouncer connects to the servers.",
      "The servers take PgBouncer's connections.",
    ),
    toRds(stack, "pgbouncer-to-rds", "PgBouncer connects to the servers on RDS.", pool),
  ];
}

function jobPolicies(stack: ClusterStack, servers: Pods | undefined): Policies {
  return [
    ...toServers(
      servers,
      ["maintenance", jobs],
      "The maintenance jobs connect to the servers, never through the pool.",
      "The servers take the maintenance jobs' connections.",
    ),
    toRds(
      stack,
      "maintenance-to-rds",
      "The maintenance jobs connect to the servers on RDS, never through the pool.",
      jobs,
    ),
    stack.store !== undefined &&
      temporaryPolicy(
        "dumps-to-object-store",
        "Dumps are copied to the storage of the backups, and restore drills read backups there.",
        toObjectStore(stack.store.bucket, stack.platform.egress.objectStore, objectStoreClients),
      ),
  ];
}

function metricsPolicies(stack: ClusterStack, servers?: Pods): Policies {
  const prometheus = podsOfNamespace(stack.platform.monitoring);
  const scraped = (pods: Pods, port: number) => ingress(pods, [prometheus], tcp(port));
  return [
    servers !== undefined &&
      lastingPolicy(
        "databases-from-monitoring",
        "Prometheus reads the servers' metrics.",
        scraped(anyServer, PORTS.metrics),
      ),
    stack.pool !== undefined &&
      temporaryPolicy(
        "pgbouncer-from-monitoring",
        "Prometheus reads PgBouncer's metrics.",
        scraped(pool, PORTS.poolMetrics),
      ),
    ...(stack.exported.length === 0
      ? []
      : [
          temporaryPolicy(
            "exporter-from-monitoring",
            "Prometheus reads the metrics of the servers on RDS.",
            scraped(exporter, PORTS.sqlMetrics),
          ),
          toRds(stack, "exporter-to-rds", "The exporter connects to the servers on RDS.", exporter),
        ]),
  ];
}

/** Egress and ingress policies between pods and the stack's servers; empty without servers. */
function toServers(
  servers: Pods | undefined,
  [who, pods]: readonly [string, Pods],
  leaves: string,
  enters: string,
): Policies {
  if (!servers) return [];
  const ports = tcp(PORTS.postgres);
  return [
    temporaryPolicy(`${who}-to-databases`, leaves, egress(pods, [{ podSelector: servers }], ports)),
    temporaryPolicy(
      `databases-from-${who}`,
      enters,
      ingress(servers, [{ podSelector: pods }], ports),
    ),
  ];
}

/** Egress policy from pods to the servers on RDS, by address; false without such servers. */
function toRds(
  { outside, platform }: ClusterStack,
  name: string,
  description: string,
  pods: Pods,
): NetworkPolicyPlan | false {
  if (!outside) return false;
  const blocks = platform.egress.databases.map(ipBlock);
  return temporaryPolicy(name, description, egress(pods, blocks, tcp(outside.port)));
}
