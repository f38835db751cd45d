import { FIXED_SESSIONS, surgePods } from "../../../../connections/plan/connection-sums";
import { describeServer } from "../../../plan/describe-server";
import { poolSurge } from "../../../plan/registry";
import type { ServerPlan } from "../../../plan/server-plan";
import type { Settings } from "../../../../settings/plan/settings-schema";
import {
  type ParameterSet,
  type TuningInput,
  hotStandbyParameters,
  tuneReplica,
} from "../../../../parameters/formulas/tune";
import { replicaClass, reservedMemory } from "./instance-classes";

/** What a replica's parameters are computed from: the primary's machine, with its own class in its place. */
export function replicaInput(settings: Settings, primary: ServerPlan): TuningInput {
  const { replica } = settings.sark.rds;
  const { memory, vcpus } = replicaClass(settings) ?? primary.size;
  return {
    ...describeServer(settings, "sark", primary.size).tuning,
    memory,
    vcpus,
    reservedMemory: reservedMemory(memory),
    majorVersion: replica.majorVersion ?? settings.sark.majorVersion,
  };
}

/**
 * Parameters of a replica: those of a server of its class, changed for reports, and never below what the primary has of
 * those that PostgreSQL compares. Whoever promotes one changes nothing: it can be written to as it is.
 * @throws Error for a value that PostgreSQL refuses
 */
export function replicaParameters(settings: Settings, primary: ServerPlan): ParameterSet {
  return tuneReplica(replicaInput(settings, primary), replicaSessions(settings, primary)).map(
    (own) => {
      const theirs = primary.parameters.find(({ name }) => name === own.name);
      const follows = hotStandbyParameters.includes(own.name) && theirs !== undefined;
      return follows && Number(theirs.value) > Number(own.value) ? theirs : own;
    },
  );
}

/** Sessions of a replica that execute something at once: the pool's, the exporter's, and the program's. */
export function replicaSessions(
  settings: Settings,
  { entries, maxConnections }: ServerPlan,
): number {
  if (!settings.pool.enabled) return maxConnections;
  const perInstance = entries
    .filter(({ replica }) => replica)
    .reduce((sum, { maxDbConnections }) => sum + maxDbConnections, 0);
  const instances =
    settings.pool.instances + surgePods(settings.pool.instances, poolSurge(settings));
  const pool = perInstance * instances;
  return Math.min(maxConnections, pool + FIXED_SESSIONS.exporter + FIXED_SESSIONS.providerLayer);
}
