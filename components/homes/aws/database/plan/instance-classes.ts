import { completeSize } from "../../../../settings/plan/database-settings";
import type { RdsSpec } from "../../plan/rds-stack";
import { MB } from "../../../../parameters/formulas/bytes";
import stored from "./instance-classes.json";

const GiB = 2 ** 30;

/** An EBS limit of a class: sustained, and the burst for half an hour a day. */
interface Limit {
  readonly sustained: number;
  readonly burst: number;
}

/** An instance class, with AWS's data. */
export interface InstanceClass {
  readonly name: string;
  /** Memory of the machine in bytes, including what RDS reserves: {@link reservedMemory}. */
  readonly memory: number;
  readonly vcpus: number;
  /** IOPS of all volumes together. */
  readonly iops: Limit;
  /** MiB a second, of all volumes together. */
  readonly throughput: Limit;
}

/** Classes that RDS offers for PostgreSQL 16 to 18, sorted by memory, then vCPUs. */
export const instanceClasses: readonly InstanceClass[] = stored.classes.map(
  ({ name, memory, vcpus, iops, throughput }) => ({
    name,
    memory: memory * GiB,
    vcpus,
    iops: limit(iops),
    // AWS states this throughput in MB (10^6 bytes), that of a volume in MiB.
    throughput: limit(throughput.map((each) => Math.floor((each * 1e6) / MB))),
  }),
);

/** The newest Graviton families that are not burstable: general purpose (m) and memory optimised (r). */
const DEFAULT_FAMILIES = /^db\.[mr]8g\./;

/**
 * Class of sark's primary on RDS: the one in the settings, or the smallest of the default families with the memory and
 * vCPUs of the size. Undefined when the name is unknown, or no class is large enough.
 */
export function primaryClass({ rds, size }: RdsSpec): InstanceClass | undefined {
  const { instanceClass } = rds;
  if (instanceClass !== undefined) return classByName(instanceClass);
  const { memory, vcpus } = completeSize(size);
  return defaultClasses().find((each) => each.memory >= memory && each.vcpus >= vcpus);
}

/** Class of the replicas: the one in the settings, or the primary's. */
export function replicaClass(database: RdsSpec): InstanceClass | undefined {
  const { instanceClass } = database.rds.replica;
  return instanceClass === undefined ? primaryClass(database) : classByName(instanceClass);
}

/**
 * Class of a server whose settings were checked.
 * @throws Error when there is no such class, which the check refuses first
 */
export function serverClass(database: RdsSpec, role: "primary" | "replica"): InstanceClass {
  const found = role === "primary" ? primaryClass(database) : replicaClass(database);
  if (!found)
    throw new Error("no RDS instance class matches the size: the settings were not checked");
  return found;
}

/** Classes to choose from when the settings name none. */
export function defaultClasses(): readonly InstanceClass[] {
  return instanceClasses.filter(({ name }) => DEFAULT_FAMILIES.test(name));
}

export function classByName(name: string): InstanceClass | undefined {
  return instanceClasses.find((each) => each.name === name);
}

/**
 * Memory in bytes that RDS reserves for the operating system and its own processes: 300 MiB and a 32nd. AWS publishes
 * no formula. The rest is its variable DBInstanceClassMemory, which the default of max_connections reveals:
 * LEAST(DBInstanceClassMemory/9531392, 5000). Observed values are 79 to 81 on 1 GiB (112 of the whole), and the user
 * guide ("Maximum number of database connections") names 1300 of 1365 for 16 GiB. This formula gives 77 and 1297.
 */
export function reservedMemory(memory: number): number {
  return Math.ceil(300 * MB + memory / 32);
}

function limit([sustained = 0, burst = 0]: readonly number[]): Limit {
  return { sustained, burst };
}
