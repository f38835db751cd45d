import { FIXED_SESSIONS, surgePods } from "../../../../connections/plan/connection-sums";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import {
  type ParameterSet,
  type TuningInput,
  hotStandbyParameters,
  tuneReplica,
  withOverrides,
} from "../../../../parameters/formulas/tune";
import type { MajorVersion } from "../../../../parameters/parameters";
import { replicaClass, reservedMemory } from "./instance-classes";

/** Role that a server was created with. A promoted replica keeps the class and parameters of a replica. */
export type Role = "primary" | "replica";

/** Major version of the servers with a role. */
export function serverVersion(database: RdsSpec, role: Role): MajorVersion {
  const { majorVersion = database.majorVersion } =
    role === "replica" ? database.rds.replica : database;
  return majorVersion;
}

/** Tuning input of a replica: the primary's, with the memory and vCPUs of the replica's class. */
export function replicaTuningInput(database: RdsSpec, primary: ServerPlan): TuningInput {
  const { memory, vcpus } = replicaClass(database) ?? primary.size;
  return {
    ...primary.tuning,
    memory,
    vcpus,
    reservedMemory: reservedMemory(memory),
    majorVersion: serverVersion(database, "replica"),
  };
}

/**
 * Parameters of a server: the computed ones, overridden by the stack's own.
 *
 * A replica's are computed for its class and tuned for reports. Those that PostgreSQL compares are never below the
 * primary's. A promotion changes none of them. The stack's own for the primary apply to a replica too, overridden by
 * those for replicas.
 * @throws Error for a value that PostgreSQL refuses
 */
export function serverParameters(database: RdsSpec, role: Role, primary: ServerPlan): ParameterSet {
  if (role === "primary") return primary.parameters;
  const input = replicaTuningInput(database, primary);
  const computed = tuneReplica(input, replicaSessions(primary)).map((own) => {
    const theirs = primary.parameters.find(({ name }) => name === own.name);
    const follows = hotStandbyParameters.includes(own.name) && theirs !== undefined;
    return follows && Number(theirs.value) > Number(own.value) ? theirs : own;
  });
  const { parameters, rds } = database;
  const described = { majorVersion: input.majorVersion, build: "rds" } as const;
  return withOverrides(computed, described, { ...parameters, ...rds.replica.parameters });
}

/** Sessions of a replica that run statements at the same time: the pool's, the exporter's, and the program's. */
export function replicaSessions({ entries, maxConnections, pool }: ServerPlan): number {
  if (!pool) return maxConnections;
  const perInstance = entries
    .filter(({ replica }) => replica)
    .reduce((sum, { maxDbConnections }) => sum + maxDbConnections, 0);
  const pooled = perInstance * (pool.instances + surgePods(pool.instances, pool.maxSurge));
  return Math.min(maxConnections, pooled + FIXED_SESSIONS.exporter + FIXED_SESSIONS.providerLayer);
}
