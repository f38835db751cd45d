import { databaseSettings, replicaCount, settingsName } from "../settings/plan/database-settings";
import { localRefusal } from "../homes/local/plan/local-parameters";
import { ParameterError } from "./parameters";
import type { ParameterValue } from "./known/parameter-facts";
import { quoted } from "../text/printable";
import type { Problem, Refusal } from "../text/problem";
import type { DatabaseName } from "../roles/plan/role-plan";
import { settingKey } from "../settings/plan/settings-problems";
import type { Settings } from "../settings/plan/settings-schema";
import { type Described, override } from "./formulas/tune";

type Given = Readonly<Record<string, ParameterValue>>;

/** What the server, or the local home, refuses of a database's own parameters. */
export function overrideProblems(settings: Settings, database: DatabaseName): readonly Problem[] {
  const { majorVersion, home, parameters } = databaseSettings(settings, database);
  const standbys = replicaCount(settings, database);
  const path = [settingsName(database), "parameters"];
  return problemsOf({ majorVersion, home }, parameters, standbys, path);
}

/** The same of the replicas on RDS, which may have others. */
export function replicaOverrideProblems({ sark }: Settings): readonly Problem[] {
  if (sark.home !== "aws") return [];
  const { majorVersion = sark.majorVersion, parameters } = sark.rds.replica;
  const path = ["sark", "rds", "replica", "parameters"];
  return problemsOf({ majorVersion, home: sark.home }, parameters, 1, path);
}

function problemsOf(
  described: Described,
  parameters: Given,
  replicas: number,
  path: readonly string[],
): readonly Problem[] {
  const names = Object.keys(parameters);
  return Object.entries(parameters).flatMap(([given, text], at) => {
    const key = settingKey([...path, given]);
    const same = names.slice(0, at).find((name) => name.toLowerCase() === given.toLowerCase());
    if (same !== undefined) {
      const allowed = `nothing beside ${settingKey([...path, same])}`;
      const why = "both are one parameter, whatever the case of the letters";
      return [{ key, value: quoted(text), allowed, why }];
    }
    try {
      const { name, value } = override(described, given, text);
      const refused =
        (described.home === "local" ? localRefusal(name, value, replicas) : undefined) ??
        loginRefusal(name, value, replicas) ??
        logRefusal(described.home, name, value);
      return refused === undefined ? [] : [{ key, value: quoted(text), ...refused }];
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      return [{ ...error.problem, key }];
    }
  });
}

/** A log-in comes before all settings of a session, the administrator's too: with these values it fails. */
function loginRefusal(name: string, value: ParameterValue, replicas: number): Refusal | undefined {
  const amount = Number(value);
  if (name === "transaction_timeout" && amount > 0 && amount < 1000) {
    return { allowed: "0, or at least 1s", why: "it holds during the log-in, which takes longer" };
  }
  if (["pre_auth_delay", "post_auth_delay"].includes(name) && amount > 5) {
    return { allowed: "at most 5s", why: "each log-in would wait so long, and fail" };
  }
  if (name === "default_transaction_isolation" && value === "serializable" && replicas > 0) {
    return {
      allowed: "read committed or repeatable read, where there is a replica",
      why: "a replica has no serializable transactions, so none would begin there",
    };
  }
  return undefined;
}

/** Megabytes of a file of the write-ahead log: initdb's default, and what RDS makes (its guide, "WAL segment size"). */
const SEGMENT: Readonly<Record<Described["home"], number>> = { local: 16, kubernetes: 16, aws: 64 };

/** A server takes less at a reload, and does not start with it. */
function logRefusal(
  home: Described["home"],
  name: string,
  value: ParameterValue,
): Refusal | undefined {
  const least = 2 * SEGMENT[home];
  if (!["min_wal_size", "max_wal_size"].includes(name) || Number(value) >= least) return undefined;
  return {
    allowed: `at least ${least}MB`,
    why: "the server does not start with less than two files of the write-ahead log",
  };
}
