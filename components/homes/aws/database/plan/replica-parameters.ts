import { FIXED_SESSIONS, surgePods } from "../../../../connections/plan/connection-sums";
import { describeServer, poolSurge } from "../../../plan/described-server";
import type { ServerPlan } from "../../../plan/server-plan";
import type { Settings } from "../../../../settings/plan/settings-schema";
import {
  type ParameterSet,
  type TuningInput,
  hotStandbyParameters,
  tune,
} from "../../../../parameters/formulas/tune";
import { type Figures, toParameterSet } from "../../../../parameters/formulas/rendered";
import { GB, floorTo, kB } from "../../../../parameters/formulas/bytes";
import { replicaClass, reservedMemory } from "./instance-classes";

/** A report may take this long before the log that the primary sends waits no longer for it. */
const REPORT_SECONDS = 15 * 60;

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
 * @throws Error as {@link tune} does
 */
export function replicaParameters(settings: Settings, primary: ServerPlan): ParameterSet {
  const input = replicaInput(settings, primary);
  const computed = tune(input);
  const reports = toParameterSet(input.majorVersion, {
    ...reportFigures(input),
    work_mem: { bytes: reportWorkMem(settings, primary, input, computed) },
  });
  const changed = new Map(reports.map((each) => [each.name, each]));
  return [...computed.filter(({ name }) => !changed.has(name)), ...reports]
    .map((own) => {
      const theirs = primary.parameters.find(({ name }) => name === own.name);
      const follows = hotStandbyParameters.includes(own.name) && theirs !== undefined;
      return follows && Number(theirs.value) > Number(own.value) ? theirs : own;
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Few long statements in place of many short ones. */
function reportFigures({ vcpus }: TuningInput): Figures {
  return {
    // The primary keeps the rows that a report still reads; without it, clean-up there ends the report here.
    hot_standby_feedback: true,
    // What cannot wait, such as a lock of a migration, waits this long for a report and then ends it.
    max_standby_streaming_delay: REPORT_SECONDS * 1000,
    max_standby_archive_delay: REPORT_SECONDS * 1000,
    max_parallel_workers_per_gather: Math.min(8, Math.floor(vcpus / 2)),
  };
}

/**
 * The memory that the primary's figures leave for statements, shared by the sessions that the pool lets through to a
 * replica, not by all that `max_connections` counts: the sum stays the same, and each statement has more.
 */
function reportWorkMem(
  settings: Settings,
  primary: ServerPlan,
  input: TuningInput,
  computed: ParameterSet,
): number {
  const own = computed.find(({ name }) => name === "work_mem");
  const bytes = Number(own?.value ?? 0) * kB;
  const sessions = replicaSessions(settings, primary);
  const executing = (count: number) => count + Math.max(1, Math.floor(input.vcpus));
  const shared = (bytes * executing(input.maxConnections)) / executing(sessions);
  const memory = input.memory - (input.reservedMemory ?? 0);
  return floorTo(64 * kB, Math.min(Math.max(bytes, shared), memory / 32, GB));
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
