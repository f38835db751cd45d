/**
 * Computes server parameters from the size of a machine and its connections. docs/tuning.md has the formulas, the
 * differences from the guide, and a comparison with pgtune and timescaledb-tune.
 */
import { quoted } from "../../text/printable";
import type { Build } from "../known/builds";
import { unquoteValue } from "../known/notation";
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
import { type UncheckedValue, toParameterSet } from "./parameter-set";
import { collectTunedFacts, tunedParameters } from "./tuned-parameters";
import type { ParameterSet, TunedParameter, TuningInput, Workload } from "./tuning-input";

export type * from "./tuning-input";
export { fitsMemory as fits, largestConnections, tuningProblems } from "./tuning-problems";

/**
 * Parameters for which a replica refuses to start with a lower value than its primary's (PostgreSQL, "Hot Standby",
 * administrator's overview). To raise one, change replicas first; to lower one, change them last.
 */
export const hotStandbyParameters: readonly string[] = [
  ...collectTunedFacts(({ hotStandby }) => hotStandby).keys(),
].sort();

/**
 * Computes a server's parameters. Pure: the same input gives the same set. Excluded are listen addresses, log and
 * archive destinations and certificates: each home sets its own.
 *
 * Call {@link tuningProblems} first: if it reports a problem, the set is meaningless.
 * @throws Error for a value that the server rejects
 */
export function tune(input: TuningInput): ParameterSet {
  return tuned(input, input.maxConnections, ({ set }) => set);
}

/**
 * Computes the parameters of a replica on RDS, which runs reports.
 * @param sessions sessions that execute a statement at once
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
    .flatMap(([name, value]): [string, UncheckedValue][] => {
      if (value === undefined) return [];
      return [[name, typeof value === "function" ? value(planned) : value]];
    });
  return toParameterSet(majorVersion, Object.fromEntries(figures));
}

/** Server facts that determine which parameter overrides are allowed. */
export interface ServerVersion {
  readonly majorVersion: MajorVersion;
  readonly build: Build;
}

/** Applies a stack's parameter overrides to the computed set. */
export function withOverrides(
  tuned: ParameterSet,
  described: ServerVersion,
  parameters: Readonly<Record<string, ParameterValue>>,
): ParameterSet {
  const overrides = Object.entries(parameters).map(([name, given]) =>
    validateOverride(described, name, given),
  );
  const replaced = new Set(overrides.map(({ name }) => name));
  return [...tuned.filter(({ name }) => !replaced.has(name)), ...overrides].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/**
 * Validates one parameter override.
 * @throws ParameterError for an unknown parameter, an invalid value, or a parameter with its own
 *   setting
 */
export function validateOverride(
  { majorVersion: major, build }: ServerVersion,
  name: string,
  given: ParameterValue,
): TunedParameter {
  const facts = parameterFacts(major, name, build);
  if (facts.name === "max_connections") {
    throw new ParameterError({
      key: facts.name,
      value: quoted(given),
      allowed: "the setting connections",
      why: "memory parameters and the connection budget are computed from it",
    });
  }
  const value = parseSetting(major, name, unquoteValue(String(given)), build);
  const setting = renderValue(major, name, value, build);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

/**
 * Libraries in `shared_preload_libraries`, in order. A change restarts the server. Some homes set them separately from
 * the parameters.
 */
export function preloadLibraries(workload: Workload): readonly string[] {
  return workload === "time-series"
    ? ["timescaledb", "pg_stat_statements"]
    : ["pg_stat_statements"];
}

/** Splits a set into parameters that need a restart and those that need a reload. */
export function splitByRestart(set: ParameterSet) {
  const pick = (restart: boolean): Readonly<Record<string, string>> =>
    Object.fromEntries(
      set.filter((one) => one.restart === restart).map((one) => [one.name, one.setting]),
    );
  return { restart: pick(true), reload: pick(false) };
}
