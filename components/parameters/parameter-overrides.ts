import { type MajorVersion, ParameterError } from "./parameters";
import type { Build } from "./known/builds";
import type { ParameterValue } from "./known/parameter-facts";
import { quoted } from "../text/printable";
import type { Problem, Refusal } from "../text/problem";
import { settingKey } from "../settings/plan/setting-key";
import { override } from "./formulas/tune";

/** A PostgreSQL, as far as the parameters that a stack sets itself depend on it. */
export interface ServerKind {
  readonly build: Build;
  /** Megabytes of a file of the write-ahead log. */
  readonly walSegment: number;
  /** Why its home does not take a value. @default - it takes what the server takes */
  readonly refusal?: (name: string, value: ParameterValue, replicas: number) => Refusal | undefined;
}

/** The parameters that a stack sets itself on some servers. */
export interface GivenParameters {
  readonly majorVersion: MajorVersion;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Servers that follow, or 1 for those that do. */
  readonly replicas: number;
  /** Path of the setting. */
  readonly path: readonly string[];
}

/** What a server, or its home, refuses of a stack's own parameters. */
export function overrideProblems(
  kind: ServerKind,
  { majorVersion, parameters, replicas, path }: GivenParameters,
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
      const { name, value } = override({ majorVersion, build: kind.build }, given, text);
      const refused =
        kind.refusal?.(name, value, replicas) ??
        loginRefusal(name, value, replicas) ??
        logRefusal(kind.walSegment, name, value);
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

/** A server takes less at a reload, and does not start with it. */
function logRefusal(segment: number, name: string, value: ParameterValue): Refusal | undefined {
  const least = 2 * segment;
  if (!["min_wal_size", "max_wal_size"].includes(name) || Number(value) >= least) return undefined;
  return {
    allowed: `at least ${least}MB`,
    why: "the server does not start with less than two files of the write-ahead log",
  };
}
