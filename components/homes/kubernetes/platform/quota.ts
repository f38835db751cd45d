import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterStack, ClusteredDatabase, Pool, ServedDatabase } from "../plan/cluster-stack";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import { walVolumeSize } from "../plan/wal-volume";
import { dumpVolumeSize } from "../../../maintenance/plan/maintenance-plan";
import type { ServerPlans } from "../../plan/home";
import type { ServerPlan } from "../../plan/server-plan";
import { EXPORTER_SHARE, poolShare } from "../pool/pool-sizing";
import { present } from "../../../text/present";
import { metadata } from "../labels";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** The most that a pod may ask for besides what the settings say of it; memory in bytes. */
export const ALLOWANCE = {
  /** The Barman Cloud plugin's container in each server's pod. */
  sidecar: { cpu: 0.5, memory: GiB },
  /** A maintenance job. */
  job: { cpu: 1, memory: 512 * MiB },
  /** The gateway to RDS. */
  gateway: { cpu: 0.1, memory: 64 * MiB },
} as const;

/** Pods of a kind: what each of them asks for, and the volumes of all together. Memory and storage in bytes. */
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
 * Bounds of the namespace: what the stack needs at its busiest, and nothing for anybody else. A load balancer or node
 * port would lead around the pool and the network policies, so there is none.
 *
 * Processors are bounded by what pods ask for, which is what keeps others off a node; a quota for limits would force one
 * on every container, also on those that may well use what is idle.
 */
function quotaOf(stack: ClusterStack, servers: ServerPlans): Record<string, string> {
  const { clusters, served, pool, backups, gateway } = stack;
  const archived = backups.bucket !== undefined;
  const demands = present<Demand>(
    ...clusters.map((each) => serverDemand(each, servers[each.database], archived)),
    ...served.map((each) => jobDemand(each, servers[each.database])),
    pool && poolDemand(pool, servers),
    // A new one is there before the old one goes.
    gateway && { pods: 2, ...ALLOWANCE.gateway },
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
 * What a container gets that says nothing of its resources (the operator and its plugin put such containers into pods),
 * and what it may say. The least catches `100m` written for memory, a tenth of a byte. There is no word on the most
 * processors, since a container without a limit would be given that one.
 */
export function containerLimits(
  { clusters, pool }: Pick<ClusterStack, "clusters" | "pool">,
  servers: ServerPlans,
): types.input.core.v1.LimitRangeItem {
  const largest = clusters.map(({ database }) => servers[database].size.memory);
  const others = [
    ALLOWANCE.sidecar.memory,
    ALLOWANCE.job.memory,
    pool ? shareOf(pool, servers).memory : 0,
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
 * Servers, and one more for each cluster: when a volume is lost the operator joins a new stand-by beside what is left
 * of the old one. A recovery builds a second cluster while the first is still there.
 */
function serverDemand(
  { recovery, instances }: ClusteredDatabase,
  plan: ServerPlan,
  archived: boolean,
): Demand {
  const { size } = plan;
  const clusters = recovery === undefined ? 1 : 2;
  const pods = clusters * (instances + 1);
  const sidecar = archived ? ALLOWANCE.sidecar : { cpu: 0, memory: 0 };
  return {
    pods,
    cpu: size.vcpus + sidecar.cpu,
    memory: size.memory + sidecar.memory,
    claims: pods * 2,
    storage: pods * (size.storage.size + walVolumeSize(plan)),
  };
}

/** During a rollout every old instance may still be there, seeing its last clients off. */
function poolDemand(pool: Pool, servers: ServerPlans): Demand {
  const { cpu, memory } = shareOf(pool, servers);
  return {
    pods: 2 * pool.instances,
    cpu: cpu + EXPORTER_SHARE.cpu,
    memory: memory + EXPORTER_SHARE.memory,
  };
}

function shareOf({ maxClientConnections }: Pool, servers: ServerPlans) {
  return poolShare(
    maxClientConnections,
    Object.values(servers).flatMap(({ entries }) => entries),
  );
}

/** All jobs of a database at once, and the one that takes most beside them, started by hand. */
function jobDemand({ jobs }: ServedDatabase, plan: ServerPlan): Demand {
  const pods = jobs.length === 0 ? 0 : jobs.length + 1;
  // Each try has a volume of its own, which is kept for a while.
  const dumps = jobs.filter(({ work }) => work.kind === "dump");
  const claims = dumps.reduce((total, { retries }) => total + 2 * (1 + retries), 0);
  return {
    pods,
    ...ALLOWANCE.job,
    claims,
    storage: claims * dumpVolumeSize(plan.size.storage.size),
  };
}

/** Bounds of the namespace and of each container in it. */
export function boundNamespace(
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
