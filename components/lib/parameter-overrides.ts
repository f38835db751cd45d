import { settingsName } from "./kubernetes/homes";
import { localRefusal } from "./local-parameters";
import { ParameterError, parameterFacts, parseSetting, renderValue } from "./parameters";
import type { ParameterValue } from "./parameters/facts";
import type { Build } from "./parameters/builds";
import { unquoted } from "./parameters/notation";
import { quoted } from "./printable";
import type { Problem, Refusal } from "./problem";
import type { DatabaseName } from "./role-plan";
import { settingKey } from "./settings-problems";
import { type Settings, databaseSettings } from "./settings-schema";
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

/** What the server, or the local home, refuses of a database's own parameters. */
export function overrideProblems(settings: Settings, database: DatabaseName): readonly Problem[] {
  const { majorVersion, home, parameters, replicas } = databaseSettings(settings, database);
  return problemsOf({ majorVersion, home }, parameters, replicas, [
    settingsName(database),
    "parameters",
  ]);
}

/** The same of the replicas on RDS, which may have others. */
export function replicaOverrideProblems({ sark }: Settings): readonly Problem[] {
  if (sark.home !== "aws") return [];
  const { majorVersion = sark.majorVersion, parameters } = sark.rds.replica;
  const path = ["sark", "rds", "replica", "parameters"];
  return problemsOf({ majorVersion, home: sark.home }, parameters, sark.replicas, path);
}

function problemsOf(
  described: Described,
  parameters: Given,
  replicas: number,
  path: readonly string[],
): readonly Problem[] {
  return Object.entries(parameters).flatMap(([given, text]) => {
    const key = settingKey([...path, given]);
    try {
      const { name, value } = override(described, given, text);
      const refused =
        (described.home === "local" ? localRefusal(name, value, replicas) : undefined) ??
        loginRefusal(name, value);
      return refused === undefined ? [] : [{ key, value: quoted(text), ...refused }];
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      return [{ ...error.problem, key }];
    }
  });
}

/** A log-in comes before all settings of a session, the administrator's too: with these values it fails. */
function loginRefusal(name: string, value: ParameterValue): Refusal | undefined {
  const amount = Number(value);
  if (name === "transaction_timeout" && amount > 0 && amount < 1000) {
    return { allowed: "0, or at least 1s", why: "it holds during the log-in, which takes longer" };
  }
  if (["pre_auth_delay", "post_auth_delay"].includes(name) && amount > 5) {
    return { allowed: "at most 5s", why: "each log-in would wait so long, and fail" };
  }
  return undefined;
}

/** @throws ParameterError for a parameter that the server lacks, a value that it refuses, or one that has a setting of its own */
function override(
  { majorVersion: major, home }: Described,
  name: string,
  given: ParameterValue,
): TunedParameter {
  const build = BUILDS[home];
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

const BUILDS: Readonly<Record<Described["home"], Build>> = {
  local: "plain",
  kubernetes: "compression",
  aws: "rds",
};
