import { type MajorVersion, ParameterError } from "./parameters";
import type { Build } from "./known/builds";
import type { ParameterValue } from "./known/parameter-facts";
import { quoted } from "../text/printable";
import type { Problem, ProblemReason } from "../text/problem";
import { settingKey } from "../settings/plan/setting-key";
import { validateOverride } from "./formulas/tune";

/** PostgreSQL build and home of a server, which determine the allowed parameter overrides. */
export interface ServerKind {
  readonly build: Build;
  /** WAL segment size in megabytes. */
  readonly walSegment: number;
  /** Why the home rejects a value. @default - everything that the server accepts is allowed */
  readonly refusal?: (
    name: string,
    value: ParameterValue,
    replicas: number,
  ) => ProblemReason | undefined;
}

/** Parameter overrides of a stack for one group of servers. */
export interface GivenParameters {
  readonly majorVersion: MajorVersion;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Number of replicas; 1 when these servers are the replicas. */
  readonly replicas: number;
  /** Path of the setting. */
  readonly path: readonly string[];
}

/** Parameter overrides that a server or its home rejects. */
export function overrideProblems(
  kind: ServerKind,
  { majorVersion, parameters, replicas, path }: GivenParameters,
): readonly Problem[] {
  const names = Object.keys(parameters);
  return Object.entries(parameters).flatMap(([given, text], at) => {
    const key = settingKey([...path, given]);
    const same = names.slice(0, at).find((name) => name.toLowerCase() === given.toLowerCase());
    if (same !== undefined) {
      const allowed = `nothing while ${settingKey([...path, same])} is set`;
      const why = "both name the same parameter: names are case-insensitive";
      return [{ key, value: quoted(text), allowed, why }];
    }
    try {
      const { name, value } = validateOverride({ majorVersion, build: kind.build }, given, text);
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

/** Values that break log-in. Log-in runs before any session setting can override them, also for the administrator. */
function loginRefusal(
  name: string,
  value: ParameterValue,
  replicas: number,
): ProblemReason | undefined {
  const amount = Number(value);
  if (name === "transaction_timeout" && amount > 0 && amount < 1000) {
    return {
      allowed: "0, or at least 1s",
      why: "it already applies during log-in, which takes longer",
    };
  }
  if (["pre_auth_delay", "post_auth_delay"].includes(name) && amount > 5) {
    return { allowed: "at most 5s", why: "each log-in would wait that long, and fail" };
  }
  if (name === "default_transaction_isolation" && value === "serializable" && replicas > 0) {
    return {
      allowed: "read committed or repeatable read, where there is a replica",
      why: "a replica supports no serializable transactions, so every transaction there would fail",
    };
  }
  return undefined;
}

/** WAL sizes below the minimum. A reload accepts them, but the server does not start. */
function logRefusal(
  segment: number,
  name: string,
  value: ParameterValue,
): ProblemReason | undefined {
  const least = 2 * segment;
  if (!["min_wal_size", "max_wal_size"].includes(name) || Number(value) >= least) return undefined;
  return {
    allowed: `at least ${least}MB`,
    why: "the server does not start with less than two WAL segments",
  };
}
