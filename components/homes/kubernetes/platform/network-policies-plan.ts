import { GATEWAY_NAME, POOL_NAME } from "../plan/cluster-names";
import { usesGateway } from "../../plan/databases-by-home";
import type { Settings } from "../../../settings/plan/settings-schema";
import {
  OBJECT_STORE_CLIENT,
  clusterSelector,
  clustersSelector,
  partSelector,
  selector,
} from "../labels";
import {
  POD_IDENTITY,
  PORTS,
  type Peer,
  type Pods,
  type Spec,
  block,
  egress,
  ingress,
  tcp,
  within,
} from "./network-policies-rules";
import { clustersOf } from "./served-clusters";

/** One opening in the network, or the wall that it is in. */
export interface NetworkPolicyPlan {
  readonly name: string;
  /** Who may talk to whom, and what for. */
  readonly description: string;
  /** Whether servers that outlive the stack still need it. */
  readonly lasting: boolean;
  readonly spec: Spec;
}

const everyPod: Pods = {};
const pool: Pods = { matchLabels: selector("pgbouncer", POOL_NAME) };
const gateway: Pods = { matchLabels: selector("gateway", GATEWAY_NAME) };
const jobs: Pods = { matchLabels: partSelector("maintenance") };
const objectStoreClients: Pods = { matchLabels: OBJECT_STORE_CLIENT };
/** Also those of a cluster that was recovered from and left behind: it is still to be watched over and archived. */
const anyServer = clustersSelector();

/**
 * What may talk to what: nothing, except where a policy opens it. Pure.
 *
 * Two ways in need no opening, since neither crosses the pod's network: the node's own probes, and a port-forward,
 * which the kubelet opens inside the pod (so whoever may create `pods/portforward` reaches the databases).
 */
export function networkPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  return [
    ...everyPodsPolicies(),
    ...serverPolicies(settings),
    ...(settings.pool.enabled ? poolPolicies(settings) : directPolicies(settings)),
    ...runnerPolicies(settings),
    ...(usesGateway(settings) ? toRds(settings, gatewayPolicy) : []),
    ...(settings.maintenance.enabled ? jobPolicies(settings) : []),
    ...(settings.monitoring.enabled ? metricsPolicies(settings) : []),
  ];
}

function everyPodsPolicies(): readonly NetworkPolicyPlan[] {
  const dns: Peer = {
    ...within("kube-system"),
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
  return [
    lasting("default-deny", "Nothing talks to anything, unless another policy opens it.", {
      podSelector: everyPod,
      policyTypes: ["Ingress", "Egress"],
    }),
    lasting(
      "dns",
      "Every pod asks the cluster's DNS.",
      egress(everyPod, [dns], [{ port: PORTS.dns, protocol: "UDP" }, ...tcp(PORTS.dns)]),
    ),
  ];
}

function serverPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  if (clustersOf(settings).length === 0) return [];
  const { operators, egress: blocks } = settings.kubernetes;
  const operator: Peer = {
    ...within(operators.namespace),
    podSelector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
  };
  return [
    ...clustersOf(settings).map((cluster) => {
      const own: Pods = { matchLabels: clusterSelector(cluster) };
      const ports = tcp(PORTS.postgres, PORTS.status);
      return lasting(
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
    lasting(
      "databases-from-operator",
      "CloudNativePG reads the servers' status and steers them.",
      // Its manual asks for both ports.
      ingress(anyServer, [operator], tcp(PORTS.status, PORTS.postgres)),
    ),
    lasting(
      "databases-to-api-server",
      "The operator's program in each server's pod reads its cluster and reports to it.",
      egress(anyServer, blocks.apiServer.map(block), tcp(PORTS.https, PORTS.apiServer)),
    ),
    ...(settings.backups.bucket
      ? [
          lasting(
            "databases-to-object-store",
            "The servers archive their log, take backups and recover from them.",
            toObjectStore(settings, anyServer),
          ),
        ]
      : []),
  ];
}

function poolPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  const servers = serversOf(settings);
  const { clients } = settings.kubernetes;
  return [
    passing(
      "pgbouncer-from-clients",
      `The application in ${clients} connects to PgBouncer.`,
      ingress(pool, [within(clients)], tcp(PORTS.pool)),
    ),
    ...(servers
      ? [
          passing(
            "pgbouncer-to-databases",
            "PgBouncer connects to the servers.",
            egress(pool, [{ podSelector: servers }], tcp(PORTS.postgres)),
          ),
          passing(
            "databases-from-pgbouncer",
            "The servers take PgBouncer's connections.",
            ingress(servers, [{ podSelector: pool }], tcp(PORTS.postgres)),
          ),
        ]
      : []),
    ...toRds(settings, ["pgbouncer-to-rds", "PgBouncer connects to the servers on RDS.", pool]),
  ];
}

/** Without a pool the application connects to the servers themselves. */
function directPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  const servers = serversOf(settings);
  const { clients } = settings.kubernetes;
  if (!servers) return [];
  return [
    passing(
      "databases-from-clients",
      `The application in ${clients} connects to the servers.`,
      ingress(servers, [within(clients)], tcp(PORTS.postgres)),
    ),
  ];
}

/** Where the program runs in the cluster itself; by a port-forward it comes in without an opening. */
function runnerPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  const { runner } = settings.kubernetes;
  if (settings.route !== "direct" || runner === undefined) return [];
  const servers = serversOf(settings);
  if (!servers) return [];
  return [
    passing(
      "databases-from-runner",
      `This program, in ${runner}, makes roles and schema in the servers.`,
      ingress(servers, [within(runner)], tcp(PORTS.postgres)),
    ),
  ];
}

function jobPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  const servers = serversOf(settings);
  return [
    ...(servers
      ? [
          passing(
            "maintenance-to-databases",
            "The maintenance jobs connect to the servers, never through the pool.",
            egress(jobs, [{ podSelector: servers }], tcp(PORTS.postgres)),
          ),
          passing(
            "databases-from-maintenance",
            "The servers take the maintenance jobs' connections.",
            ingress(servers, [{ podSelector: jobs }], tcp(PORTS.postgres)),
          ),
        ]
      : []),
    ...toRds(settings, [
      "maintenance-to-rds",
      "The maintenance jobs connect to the servers on RDS, never through the pool.",
      jobs,
    ]),
    ...(settings.backups.bucket
      ? [
          passing(
            "dumps-to-object-store",
            "The jobs that dump a database copy the dump to the storage of the backups.",
            toObjectStore(settings, objectStoreClients),
          ),
        ]
      : []),
  ];
}

function metricsPolicies(settings: Settings): readonly NetworkPolicyPlan[] {
  const prometheus = within(settings.kubernetes.monitoring);
  return [
    ...(serversOf(settings)
      ? [
          lasting(
            "databases-from-monitoring",
            "Prometheus reads the servers' metrics.",
            ingress(anyServer, [prometheus], tcp(PORTS.metrics)),
          ),
        ]
      : []),
    ...(settings.pool.enabled
      ? [
          passing(
            "pgbouncer-from-monitoring",
            "Prometheus reads PgBouncer's metrics.",
            ingress(pool, [prometheus], tcp(PORTS.poolMetrics)),
          ),
        ]
      : []),
  ];
}

const gatewayPolicy: Opening = [
  "gateway-to-rds",
  "The gateway leads to the servers on RDS; a port-forward comes in to it without an opening.",
  gateway,
];

/** Name, description, and whose it is. */
type Opening = readonly [name: string, description: string, pods: Pods];

/** What pods need to reach the servers on RDS, which are addresses to the network. Nothing where none is there. */
function toRds(
  { sark, aws, kubernetes: home }: Settings,
  [name, description, pods]: Opening,
): readonly NetworkPolicyPlan[] {
  if (sark.home !== "aws" || !aws) return [];
  return [
    passing(name, description, egress(pods, home.egress.databases.map(block), tcp(aws.port))),
  ];
}

/** The pods of the stack's servers; undefined where it has none, which no selector can say. */
function serversOf(settings: Settings): Pods | undefined {
  const clusters = clustersOf(settings);
  return clusters.length === 0 ? undefined : clustersSelector(clusters);
}

/**
 * The storage, and who gives the credentials for it: a role that is named is assumed at AWS STS, which is on 443 as the
 * storage is; a role that is not named comes from EKS Pod Identity, on the node.
 */
function toObjectStore({ backups: { bucket }, kubernetes: home }: Settings, pods: Pods): Spec {
  const port = Number(new URL(bucket?.endpoint ?? "https://s3").port || PORTS.https);
  const named = bucket?.role !== undefined || Object.keys(bucket?.roles ?? {}).length > 0;
  const sts = named ? [PORTS.https] : [];
  const storage = {
    to: home.egress.objectStore.map(block),
    ports: tcp(...new Set([port, ...sts])),
  };
  const identity = {
    to: [{ ipBlock: { cidr: POD_IDENTITY.cidr } }],
    ports: tcp(POD_IDENTITY.port),
  };
  const onNode = bucket?.access === "role" && !named;
  return {
    podSelector: pods,
    policyTypes: ["Egress"],
    egress: onNode ? [storage, identity] : [storage],
  };
}

function lasting(name: string, description: string, spec: Spec): NetworkPolicyPlan {
  return { name, description, lasting: true, spec };
}

function passing(name: string, description: string, spec: Spec): NetworkPolicyPlan {
  return { name, description, lasting: false, spec };
}
