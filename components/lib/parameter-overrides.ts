import { type ParameterValue, parameterFacts, parseSetting, renderValue } from "./parameters";
import type { Build } from "./parameters/builds";
import type { Settings } from "./settings-schema";
import type { ParameterSet, TunedParameter } from "./tuning";

/** What of a database's settings decides on its parameters. */
type Described = Pick<Settings["sark"], "majorVersion" | "home">;

type Given = Readonly<Record<string, ParameterValue>>;

/** A stack's own parameters over the computed ones. */
export function withOverrides(
  tuned: ParameterSet,
  described: Described,
  parameters: Given,
): ParameterSet {
  const overrides = Object.entries(parameters).map(([name, given]) =>
    override(described, name, given),
  );
  const replaced = new Set(overrides.map(({ name }) => name));
  return [...tuned.filter(({ name }) => !replaced.has(name)), ...overrides].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** What the server refuses of a stack's own parameters, a paragraph each. */
export function overrideProblems(described: Described, parameters: Given): readonly string[] {
  return Object.entries(parameters).flatMap(([name, given]) => {
    try {
      override(described, name, given);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** The same of the replicas on RDS, which may have others. */
export function replicaOverrideProblems({ sark }: Settings): readonly string[] {
  const { majorVersion = sark.majorVersion, parameters } = sark.rds.replica;
  return sark.home === "aws" ? overrideProblems({ majorVersion, home: sark.home }, parameters) : [];
}

/** @throws Error for a parameter that the server lacks, a value that it refuses, or one that has a setting of its own */
function override(
  { majorVersion: major, home }: Described,
  name: string,
  given: ParameterValue,
): TunedParameter {
  const build: Build = home === "kubernetes" ? "compression" : "plain";
  const facts = parameterFacts(major, name, build);
  if (facts.name === "max_connections") {
    throw new Error(
      `max_connections: got ${String(given)}; allowed: nothing here; set connections instead, ` +
        `since the memory parameters and the budget are computed from it`,
    );
  }
  const value = typeof given === "string" ? parseSetting(major, name, given, build) : given;
  const setting = renderValue(major, name, value, build);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}
