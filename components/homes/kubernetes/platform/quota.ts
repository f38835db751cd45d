import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterStack, ClusteredDatabase, Pool, ServedDatabase } from "../plan/cluster-stack";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import { drillVolumeSize, walVolumeSize } from "../plan/wal-volume";
import type { ServerPlans } from "../../plan/home";
import type { ServerPlan } from "../../plan/server-plan";
import { EXPORTER_RESOURCES, poolResources } from "../pool/pool-sizing";
import { compact } from "../../../text/present";
import { metadata } from "../labels";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Maximum request of a pod, beyond what the settings determine; memory in bytes. */
export const POD_ALLOWANCES = {
  /** The Barman Cloud plugin's container in each server's pod. */
  sidecar: { cpu: 0.5, memory: GiB },
  /** A maintenance job: at most two containers together. */
  job: { cpu: 1.5, memory: GiB },
  /** The gateway to RDS. */
  gateway: { cpu: 0.1, memory: 64 * MiB },
  /** The exporter of a database on RDS. */
  exporter: { cpu: 0.05, memory: 128 * MiB },
} as const;

/** Demand of one kind of pod: CPU and memory per pod, volumes for all together. Memory and storage in bytes. */
interface Demand {
  readonly pods: number;
  readonly cpu: number;
  readonly memory: number;
  /** @default 0 */
  readonly claims?: number;
  /** @default 0 */
  readonly storage?: number;
}

/**
 * Quota of the namespace: the stack's peak demand, and nothing more. Load balancers and node ports are forbidden, since
 * they would bypass the pool and the network policies.
 *
 * CPU is limited by requests, which reserve a node's capacity. A quota on CPU limits would force one on every
 * container, even those that may use idle CPU.
 */
function quotaOf(stack: ClusterStack, servers: ServerPlans): Record<string, string> {
  const { clusters, served, exported, pool, backups, gateway } = stack;
  const archived = backups.bucket !== undefined;
  const demands = compact<Demand>(
    ...clusters.map((each) => serverDemand(each, servers[each.database], archived)),
    ...served.map((each) => jobDemand(each, servers[each.database])),
    pool && poolDemand(pool, servers),
    // A rollout starts the new pod before the old one stops.
    gateway && { pods: 2, ...POD_ALLOWANCES.gateway },
    ...exported.map(() => ({ pods: 2, ...POD_ALLOWANCES.exporter })),
  );
  const total = (of: (demand: Demand) => number) =>
    demands.reduce((sum, demand) => sum + of(demand), 0);
  const memory = memoryQuantity(total((each) => each.pods * each.memory));
  return {
    pods: String(total(({ pods }) => pods)),
    "requests.cpu": cpuQuantity(total(({ pods, cpu }) => pods * cpu)),
    "requests.memory": memory,
    "limits.memory": memory,
    persistentvolumeclaims: String(total(({ claims = 0 }) => claims)),
    "requests.storage": memoryQuantity(total(({ storage = 0 }) => storage)),
    "services.loadbalancers": "0",
    "services.nodeports": "0",
  };
}

/**
 * Defaults and limits of a container; the operator and its plugin add containers without resources. The minimum catches
 * `100m` given for memory, a tenth of a byte. There is no maximum CPU, since it would become the limit of containers
 * without one.
 */
export function containerLimits(
  { clusters, pool }: Pick<ClusterStack, "clusters" | "pool">,
  servers: ServerPlans,
): types.input.core.v1.LimitRangeItem {
  const largest = clusters.map(({ database }) => servers[database].size.memory);
  const others = [
    POD_ALLOWANCES.sidecar.memory,
    POD_ALLOWANCES.job.memory,
    pool ? poolPodShare(pool, servers).memory : 0,
  ];
  return {
    type: "Container",
    default: { memory: memoryQuantity(512 * MiB) },
    defaultRequest: { cpu: cpuQuantity(0.1), memory: memoryQuantity(256 * MiB) },
    min: { memory: memoryQuantity(4 * MiB) },
    max: { memory: memoryQuantity(Math.max(...largest, ...others)) },
  };
}

/**
 * Demand of a database: its servers, and one more per cluster, since the operator adds a new stand-by before it removes
 * one with a lost volume. A recovery runs two clusters at once.
 */
function serverDemand(
  { recovery, instances }: ClusteredDatabase,
  plan: ServerPlan,
  archived: boolean,
): Demand {
  const { size } = plan;
  const clusters = recovery === undefined ? 1 : 2;
  const pods = clusters * (instances + 1);
  const sidecar = archived ? POD_ALLOWANCES.sidecar : { cpu: 0, memory: 0 };
  return {
    pods,
    cpu: size.vcpus + sidecar.cpu,
    memory: size.memory + sidecar.memory,
    claims: pods * 2,
    storage: pods * (size.storage.size + walVolumeSize(plan)),
  };
}

/** Demand of the pool: during a rollout every old instance may still be draining. */
function poolDemand(pool: Pool, servers: ServerPlans): Demand {
  const { cpu, memory } = poolPodShare(pool, servers);
  return {
    pods: 2 * pool.instances,
    cpu: cpu + EXPORTER_RESOURCES.cpu,
    memory: memory + EXPORTER_RESOURCES.memory,
  };
}

function poolPodShare({ maxClientConnections }: Pool, servers: ServerPlans) {
  return poolResources(
    maxClientConnections,
    Object.values(servers).flatMap(({ entries }) => entries),
  );
}

/** Demand of a database's jobs: all at once, plus one started by hand. */
function jobDemand({ jobs }: ServedDatabase, plan: ServerPlan): Demand {
  const pods = jobs.length === 0 ? 0 : jobs.length + 1;
  // The volume of a drill is kept for a while.
  const claims = jobs.filter(({ work }) => work.kind === "restore drill").length * 3;
  return { pods, ...POD_ALLOWANCES.job, claims, storage: claims * drillVolumeSize(plan) };
}

/** Creates the namespace's quota and the limits of its containers. */
export function createQuota(
  name: string,
  stack: ClusterStack,
  servers: ServerPlans,
  opts?: pulumi.ComponentResourceOptions,
): void {
  const parent = new pulumi.ComponentResource("sark:kubernetes:NamespaceQuota", name, {}, opts);
  const { namespace } = stack.platform;
  new kubernetes.core.v1.LimitRange(
    `${name}-containers`,
    {
      metadata: metadata("platform", namespace, "containers"),
      spec: { limits: [containerLimits(stack, servers)] },
    },
    { parent },
  );
  new kubernetes.core.v1.ResourceQuota(
    `${name}-total`,
    { metadata: metadata("platform", namespace, "total"), spec: { hard: quotaOf(stack, servers) } },
    { parent },
  );
}
