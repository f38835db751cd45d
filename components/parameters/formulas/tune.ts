/**
 * Server parameters computed from the size of a machine and its connections. docs/tuning.md has the
 * formulas, what differs from the guide, and a comparison with pgtune and timescaledb-tune.
 */
import { quoted } from "../../text/printable";
import type { Build } from "../known/builds";
import { unquoted } from "../known/notation";
import type { ParameterValue } from "../known/parameter-facts";
import {
  type MajorVersion,
  ParameterError,
  parameterFacts,
  parseSetting,
  renderValue,
} from "../parameters";
import { planMachine } from "./machine-plan";
import type { ParameterEntry } from "./parameter-entry";
import { type Figure, toParameterSet } from "./rendered";
import { tunedFacts, tunedParameters } from "./tuned-parameters";
import type { ParameterSet, TunedParameter, TuningInput, Workload } from "./tuning-input";

export type * from "./tuning-input";
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
 * Call {@link tuningProblems} before: where there is one, the set makes no sense.
 * @throws Error for a figure that the server refuses
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
  const { workload, majorVersion } = input;
  const planned = { input, ...planMachine(input), sessions };
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

/** What decides on the parameters that a stack may set itself. */
export interface Described {
  readonly majorVersion: MajorVersion;
  readonly build: Build;
}

/** A stack's own parameters over the computed ones. */
export function withOverrides(
  tuned: ParameterSet,
  described: Described,
  parameters: Readonly<Record<string, ParameterValue>>,
): ParameterSet {
  const overrides = Object.entries(parameters).map(([name, given]) =>
    override(described, name, given),
  );
  const replaced = new Set(overrides.map(({ name }) => name));
  return [...tuned.filter(({ name }) => !replaced.has(name)), ...overrides].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** @throws ParameterError for a parameter that the server lacks, a value that it refuses, or one that has a setting of its own */
export function override(
  { majorVersion: major, build }: Described,
  name: string,
  given: ParameterValue,
): TunedParameter {
  const facts = parameterFacts(major, name, build);
  if (facts.name === "max_connections") {
    throw new ParameterError({
      key: facts.name,
      value: quoted(given),
      allowed: "the setting connections",
      why: "the memory parameters and the budget are computed from it",
    });
  }
  const value = parseSetting(major, name, unquoted(String(given)), build);
  const setting = renderValue(major, name, value, build);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

/** Libraries that a server preloads, in order; a change restarts it. Some homes take them apart from the parameters. */
export function preloadLibraries(workload: Workload): readonly string[] {
  return workload === "time-series"
    ? ["timescaledb", "pg_stat_statements"]
    : ["pg_stat_statements"];
}

/** Setting strings by name, split into what needs a restart and what a reload is enough for. */
export function byRestart(set: ParameterSet) {
  const pick = (restart: boolean): Readonly<Record<string, string>> =>
    Object.fromEntries(
      set.filter((one) => one.restart === restart).map((one) => [one.name, one.setting]),
    );
  return { restart: pick(true), reload: pick(false) };
}
