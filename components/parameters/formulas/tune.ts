/**
 * Server parameters computed from the size of a machine and its connections. docs/tuning.md has the
 * formulas, what differs from the guide, and a comparison with pgtune and timescaledb-tune.
 */
import { formatProblems } from "../../text/problem";
import { planMemory } from "./memory";
import type { ParameterEntry } from "./parameter-entry";
import { type Figure, toParameterSet } from "./rendered";
import { tunedFacts, tunedParameters } from "./tuned-parameters";
import type { ParameterSet, ParametersByRestart, TuningInput, Workload } from "./tuning-input";
import { tuningProblems } from "./tuning-problems";
import { planWal } from "./wal";
import { planWorkers } from "./workers";

export type * from "./tuning-input";
export type { MemoryItem } from "./memory";
export { memoryItems } from "./memory";
export { fits, largestConnections, tuningProblems } from "./tuning-problems";

/**
 * Parameters that a replica must have at least as large as its primary, or it refuses to start
 * (PostgreSQL, "Hot Standby", administrator's overview). To raise one: replicas first; to lower: last.
 */
export const hotStandbyParameters: readonly string[] = [
  ...tunedFacts(({ hotStandby }) => hotStandby).keys(),
].sort();

/**
 * Computes a server's parameters. Pure: the same input gives the same set. Where the server listens,
 * where it logs and archives to, and its certificates are its home's to set, not part of this.
 *
 * @throws one error with every {@link tuningProblems | problem} of the input.
 */
export function tune(input: TuningInput): ParameterSet {
  return tuned(input, input.maxConnections, ({ set }) => set);
}

/**
 * The same for a replica on RDS, which runs reports.
 * @param sessions how many run a statement at once
 */
export function tuneReplica(input: TuningInput, sessions: number): ParameterSet {
  return tuned(input, sessions, ({ set, awsReplica }) =>
    awsReplica === undefined
      ? set
      : Object.fromEntries(Object.keys(set).map((name) => [name, awsReplica.value])),
  );
}

function tuned(
  input: TuningInput,
  sessions: number,
  values: (entry: ParameterEntry) => ParameterEntry["set"],
): ParameterSet {
  const problems = tuningProblems(input);
  if (problems.length > 0) throw new Error(formatProblems(problems));

  const { workload, majorVersion } = input;
  const workers = planWorkers(input);
  const memory = planMemory(input, workers);
  const planned = { input, workers, memory, wal: planWal(input), sessions };
  const figures = tunedParameters
    .filter((entry) => (entry.workload ?? workload) === workload)
    .filter(({ since = majorVersion }) => since <= majorVersion)
    .flatMap((entry) => Object.entries(values(entry)))
    .flatMap(([name, value]): [string, Figure][] => {
      if (value === undefined) return [];
      return [[name, typeof value === "function" ? value(planned) : value]];
    });
  return toParameterSet(majorVersion, Object.fromEntries(figures));
}

/** Libraries that a server preloads, in order; a change restarts it. Some homes take them apart from the parameters. */
export function preloadLibraries(workload: Workload): readonly string[] {
  return workload === "time-series"
    ? ["timescaledb", "pg_stat_statements"]
    : ["pg_stat_statements"];
}

/** Splits a set into what needs a restart and what a reload is enough for. */
export function byRestart(set: ParameterSet): ParametersByRestart {
  const pick = (restart: boolean): Record<string, string> =>
    Object.fromEntries(
      set.filter((one) => one.restart === restart).map((one) => [one.name, one.setting]),
    );
  return { restart: pick(true), reload: pick(false) };
}
