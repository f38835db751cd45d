import { completeSize } from "../../../../settings/plan/database-settings";
import type { RdsSpec } from "../../plan/rds-stack";
import { MB } from "../../../../parameters/formulas/bytes";
import stored from "./instance-classes.json";

const GiB = 2 ** 30;

/** What an operation on a volume is bounded by: what a class keeps up, and what it does for half an hour a day. */
interface Limit {
  readonly sustained: number;
  readonly burst: number;
}

/** What AWS says of a class of servers. */
export interface InstanceClass {
  readonly name: string;
  /** Of the machine, in bytes; RDS keeps a part of it for itself: {@link reservedMemory}. */
  readonly memory: number;
  readonly vcpus: number;
  /** Operations a second, of all volumes together. */
  readonly iops: Limit;
  /** MiB a second, of all volumes together. */
  readonly throughput: Limit;
}

/** Classes that RDS for PostgreSQL 16 to 18 offers, from the smallest: by memory, then by processors. */
export const instanceClasses: readonly InstanceClass[] = stored.classes.map(
  ({ name, memory, vcpus, iops, throughput }) => ({
    name,
    memory: memory * GiB,
    vcpus,
    iops: limit(iops),
    // AWS counts this bandwidth in megabytes of a million bytes, and that of a volume in MiB.
    throughput: limit(throughput.map((each) => Math.floor((each * 1e6) / MB))),
  }),
);

/** The newest Graviton families that are not burstable: general purpose, and with twice the memory. */
const CHOSEN = /^db\.[mr]8g\./;

/**
 * The class of sark's server on RDS: the one that is named, or the smallest of the newest families that has the memory
 * and processors of the size. Undefined where none is known by that name, or none is large enough.
 */
export function primaryClass({ rds, size }: RdsSpec): InstanceClass | undefined {
  const { instanceClass } = rds;
  if (instanceClass !== undefined) return classNamed(instanceClass);
  const { memory, vcpus } = completeSize(size);
  return chosenClasses().find((each) => each.memory >= memory && each.vcpus >= vcpus);
}

/** The class of its replicas: the one that is named, or the primary's. */
export function replicaClass(database: RdsSpec): InstanceClass | undefined {
  const { instanceClass } = database.rds.replica;
  return instanceClass === undefined ? primaryClass(database) : classNamed(instanceClass);
}

/**
 * The class of a server whose settings were checked.
 * @throws Error where no class is known, which the check refuses before
 */
export function serverClass(database: RdsSpec, role: "primary" | "replica"): InstanceClass {
  const found = role === "primary" ? primaryClass(database) : replicaClass(database);
  if (!found) throw new Error("no class of RDS has the size, and the settings were not checked");
  return found;
}

/** Classes that are chosen from where none is named. */
export function chosenClasses(): readonly InstanceClass[] {
  return instanceClasses.filter(({ name }) => CHOSEN.test(name));
}

export function classNamed(name: string): InstanceClass | undefined {
  return instanceClasses.find((each) => each.name === name);
}

/**
 * Memory in bytes that RDS keeps of a machine for its operating system and its own processes: 300 MiB and a 32nd. AWS
 * gives no formula; its variable DBInstanceClassMemory is what is left, and its default of max_connections shows it:
 * LEAST(DBInstanceClassMemory/9531392, 5000) is 79 to 81 where it was seen on 1 GiB (112 of the whole), and the user
 * guide ("Maximum number of database connections") names 1300 of 1365 for 16 GiB. This formula gives 77 and 1297.
 */
export function reservedMemory(memory: number): number {
  return Math.ceil(300 * MB + memory / 32);
}

function limit([sustained = 0, burst = 0]: readonly number[]): Limit {
  return { sustained, burst };
}
