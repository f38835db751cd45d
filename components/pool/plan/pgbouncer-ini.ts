import { DATABASE_KINDS, SETTING_KINDS, SINCE, USER_KINDS } from "./pgbouncer-keys";
import type { SettingKey, ValueKind } from "./pgbouncer-keys";
import { entryNameProblem, forcedProblems, valueProblem, versionProblems } from "./pgbouncer-rules";
import { unknownKeyProblem } from "./pgbouncer-rules";
import { formatProblems } from "../../text/problem";
import type { Problem } from "../../text/problem";

export { RESTART_KEYS } from "./pgbouncer-keys";
export { renderUserlist } from "./pgbouncer-userlist";

/** A value as a caller writes it; `true` and `false` become 1 and 0. */
type IniValue = string | number | boolean;

/** Keys of the `[pgbouncer]` section. Times are seconds. */
export type PgBouncerSettings = Readonly<Partial<Record<SettingKey, IniValue>>>;

/** Where one entry of `[databases]` leads; `dbname` defaults to the entry's own name. */
export type DatabaseEntry = Readonly<Partial<Record<keyof typeof DATABASE_KINDS, IniValue>>>;

/** What one entry of `[users]` overrides for that login. */
type UserEntry = Readonly<Partial<Record<keyof typeof USER_KINDS, IniValue>>>;

/** What a `pgbouncer.ini` is made from. */
export interface PgBouncerConfig {
  /** Version of the program that will read it, such as `1.25.2`. From 1.18. */
  readonly version: string;
  /** By the name that clients connect to. Adding one needs a RELOAD only. */
  readonly databases: Readonly<Record<string, DatabaseEntry>>;
  /** By login. @default - no overrides */
  readonly users?: Readonly<Record<string, UserEntry>>;
  /** Over {@link DEFAULT_SETTINGS}, under {@link FORCED_SETTINGS}. @default - house defaults */
  readonly settings?: PgBouncerSettings;
}

/** A key that was asked for and that this PgBouncer does not know: it would refuse to start. */
export interface LeftOutKey {
  readonly section: IniSection;
  /** The database or user, for keys of an entry. */
  readonly entry?: string;
  readonly key: string;
  /** First version that knows the key. */
  readonly since: string;
}

/** The text of the file, and what could not be said in it. */
export interface RenderedIni {
  /** Holds the passwords that the entries hold: write it with mode 0600. */
  readonly text: string;
  readonly leftOut: readonly LeftOutKey[];
}

type IniSection = "databases" | "users" | "pgbouncer";

/** House defaults; the guide's figures where it has one. Times are seconds. */
export const DEFAULT_SETTINGS: PgBouncerSettings = {
  pool_mode: "transaction",
  default_pool_size: 25,
  reserve_pool_size: 5,
  reserve_pool_timeout: 3,
  // Together with the pools this passes 1,024 open files: the budget checks the limit.
  max_client_conn: 1000,
  max_db_connections: 100,
  max_user_connections: 100,
  server_idle_timeout: 600,
  server_lifetime: 3600,
  server_connect_timeout: 15,
  // Until the next attempt PgBouncer refuses every client: its own 15 s would be longer than most restarts.
  server_login_retry: 1,
  // The guide's 30 s bounds the wait for a connection, not the query: a global query_timeout would
  // also end reports and migrations, so queries are bounded by the roles' statement_timeout.
  query_wait_timeout: 30,
  // Drivers send it and lose nothing by it. Not `options`: it would be dropped without a word.
  ignore_startup_parameters: "extra_float_digits",
  // Without it named prepared statements fail in transaction pools; the default from 1.24 on.
  max_prepared_statements: 200,
  log_connections: true,
  log_disconnections: true,
  log_pooler_errors: true,
};

/** Security: a setting that contradicts one of these is refused. */
export const FORCED_SETTINGS: PgBouncerSettings = {
  auth_type: "scram-sha-256",
  client_tls_protocols: "secure",
  server_tls_protocols: "secure",
};

/** Everything wrong with a configuration; empty if PgBouncer will take it. No password is shown. */
export function pgbouncerProblems(config: PgBouncerConfig): readonly Problem[] {
  const version = versionProblems(config.version);
  if (version.length > 0) return version;
  return [
    ...entryProblems("databases", config.databases, DATABASE_KINDS, config.version),
    ...entryProblems("users", config.users ?? {}, USER_KINDS, config.version),
    ...valueProblems("pgbouncer", config.settings ?? {}, Object.fromEntries(SETTING_KINDS)),
    ...forcedProblems(config.settings ?? {}, FORCED_SETTINGS),
  ];
}

/**
 * The text of `pgbouncer.ini`: sections, entries and keys sorted, connection parameters quoted,
 * comments on lines of their own (PgBouncer takes a trailing one as part of the value and refuses
 * to start). The same configuration always gives the same text.
 *
 * @throws Error with every problem of the configuration at once.
 */
export function renderPgbouncerIni(config: PgBouncerConfig): RenderedIni {
  const problems = pgbouncerProblems(config);
  if (problems.length > 0) throw new Error(formatProblems(problems));

  const leftOut: LeftOutKey[] = [];
  const known = (section: IniSection, values: Values, entry?: string): [string, string][] =>
    sortedEntries(values).flatMap(([key, value]) => {
      const since = sinceOf(section, key);
      if (since === undefined || !isBefore(config.version, since)) return [[key, asText(value)]];
      leftOut.push({ section, ...(entry === undefined ? {} : { entry }), key, since });
      return [];
    });
  const entryLines = (section: "databases" | "users", entries: Entries): string[] =>
    sortedEntries(entries).map(([name, values]) => {
      const pairs = known(section, values, name).map(
        ([key, value]) => `${spelling(section, key, config.version)}=${inQuotes(value)}`,
      );
      return [iniName(name), "=", ...pairs].join(" ");
    });

  // An absent value must not hide a default, so absent ones are dropped before they are laid over it.
  const own = Object.fromEntries(sortedEntries(config.settings ?? {}));
  const settings: Values = { ...DEFAULT_SETTINGS, ...own, ...FORCED_SETTINGS };
  const lines = [
    "; Written by the stack: an edit is lost. A comment must have a line of its own.",
    "[databases]",
    ...entryLines("databases", config.databases),
    "",
    "[users]",
    ...entryLines("users", config.users ?? {}),
    "",
    "[pgbouncer]",
    ...known("pgbouncer", settings).map(([key, value]) => `${key} = ${value}`.trimEnd()),
  ];
  return { text: `${lines.join("\n")}\n`, leftOut };
}

type Values = Readonly<Record<string, IniValue | undefined>>;
type Entries = Readonly<Record<string, Values>>;

function entryProblems(
  section: "databases" | "users",
  entries: Entries,
  kinds: Readonly<Record<string, ValueKind>>,
  version: string,
): Problem[] {
  return sortedEntries(entries).flatMap(([name, values]) => {
    const quotable = !isBefore(version, QUOTED_NAMES_SINCE);
    const nameProblem = entryNameProblem(section, name, quotable, QUOTED_NAMES_SINCE);
    if (nameProblem) return [nameProblem];
    return valueProblems(`${section}.${name}`, values, kinds);
  });
}

function valueProblems(
  path: string,
  values: Values,
  kinds: Readonly<Record<string, ValueKind>>,
): Problem[] {
  return sortedEntries(values).flatMap(([key, value]) => {
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    const where = `${path}.${key}`;
    const problem =
      kind === undefined
        ? unknownKeyProblem(where, key, Object.keys(kinds))
        : valueProblem(where, key, asText(value), kind, path !== "pgbouncer");
    return problem ? [problem] : [];
  });
}

/** PgBouncer 1.25 reads an entry's name in single quotes (and has no escape for one inside). */
const QUOTED_NAMES_SINCE = "1.25";

function iniName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name}'`;
}

/** A connection parameter: always in single quotes, one inside is doubled, nothing else is special. */
function inQuotes(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Before 1.24 an entry's reserve was spelled `reserve_pool`. */
function spelling(section: IniSection, key: string, version: string): string {
  const old = section === "databases" && key === "reserve_pool_size" && isBefore(version, "1.24");
  return old ? "reserve_pool" : key;
}

function sinceOf(section: IniSection, key: string): string | undefined {
  return new Map<string, string>(Object.entries(SINCE[section])).get(key);
}

function isBefore(version: string, since: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split(".").map(Number);
  return major === sinceMajor ? minor < sinceMinor : major < sinceMajor;
}

function asText(value: IniValue): string {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

/** Sorted by code unit, so that the order never depends on a locale; absent values dropped. */
function sortedEntries<T>(record: Readonly<Record<string, T | undefined>>): [string, T][] {
  return Object.entries(record)
    .flatMap(([key, value]): [string, T][] => (value === undefined ? [] : [[key, value]]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
