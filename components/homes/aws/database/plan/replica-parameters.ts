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

/** What a server was made as; a promoted replica keeps the class and the parameters of one. */
export type Role = "primary" | "replica";

/** Major version of a server. */
export function serverVersion(database: RdsSpec, role: Role): MajorVersion {
  const { majorVersion = database.majorVersion } =
    role === "replica" ? database.rds.replica : database;
  return majorVersion;
}

/** What a replica's parameters are computed from: the primary's machine, with its own class in its place. */
export function replicaInput(database: RdsSpec, primary: ServerPlan): TuningInput {
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
 * Parameters of a server, a stack's own over the computed ones.
 *
 * Those of a replica are computed for a server of its class, changed for reports, and never below what the primary has of
 * those that PostgreSQL compares. Whoever promotes one changes nothing: it can be written to as it is. Of a stack's own it
 * has the primary's, and those of the replicas over them.
 * @throws Error for a value that PostgreSQL refuses
 */
export function serverParameters(database: RdsSpec, role: Role, primary: ServerPlan): ParameterSet {
  if (role === "primary") return primary.parameters;
  const input = replicaInput(database, primary);
  const computed = tuneReplica(input, replicaSessions(primary)).map((own) => {
    const theirs = primary.parameters.find(({ name }) => name === own.name);
    const follows = hotStandbyParameters.includes(own.name) && theirs !== undefined;
    return follows && Number(theirs.value) > Number(own.value) ? theirs : own;
  });
  const { parameters, rds } = database;
  const described = { majorVersion: input.majorVersion, build: "rds" } as const;
  return withOverrides(computed, described, { ...parameters, ...rds.replica.parameters });
}

/** Sessions of a replica that execute something at once: the pool's, the exporter's, and the program's. */
export function replicaSessions({ entries, maxConnections, pool }: ServerPlan): number {
  if (!pool) return maxConnections;
  const perInstance = entries
    .filter(({ replica }) => replica)
    .reduce((sum, { maxDbConnections }) => sum + maxDbConnections, 0);
  const pooled = perInstance * (pool.instances + surgePods(pool.instances, pool.maxSurge));
  return Math.min(maxConnections, pooled + FIXED_SESSIONS.exporter + FIXED_SESSIONS.providerLayer);
}
