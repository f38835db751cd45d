import { hasControlCharacters, quoted } from "../../text/printable";
import { formatProblems, type Problem } from "../../text/problem";

/** A value as a caller writes it; `true` and `false` become 1 and 0. */
type IniValue = string | number | boolean;

type Values = Readonly<Record<string, IniValue | undefined>>;

/** Keys of the `[pgbouncer]` section. Times are in seconds. */
export type PgBouncerSettings = Values;

/** Connection parameters of an entry in `[databases]`; `dbname` defaults to the entry's name. */
export type DatabaseEntry = { readonly [K in EntryKey]?: IniValue };

type EntryKey =
  | "auth_user"
  | "dbname"
  | "host"
  | "max_db_connections"
  | "pool_mode"
  | "pool_size"
  | "port"
  | "reserve_pool_size";

/** Input of a `pgbouncer.ini`. PgBouncer does not start with an unknown key. */
export interface PgBouncerConfig {
  /** Version of the program that reads it, such as `1.25.2`; at least 1.18. */
  readonly version: string;
  /** By the name that clients connect to: letters, digits and `_ . -`. A new entry needs only a RELOAD. */
  readonly databases: Readonly<Record<string, DatabaseEntry>>;
  /** Override {@link DEFAULT_SETTINGS}, but not {@link FORCED_SETTINGS}. @default - the project's defaults */
  readonly settings?: PgBouncerSettings;
}

/** Text of the file, and settings that it could not include. */
export interface RenderedIni {
  readonly text: string;
  /** Settings that this version lacks, each with the first version that has it. */
  readonly leftOut: readonly string[];
}

/** Defaults of this project; the guide's figures if it has one. Times are in seconds. */
export const DEFAULT_SETTINGS: PgBouncerSettings = {
  pool_mode: "transaction",
  default_pool_size: 25,
  reserve_pool_size: 5,
  reserve_pool_timeout: 3,
  // With the pools this exceeds 1,024 open files: the budget checks the limit.
  max_client_conn: 1000,
  max_db_connections: 100,
  max_user_connections: 100,
  server_idle_timeout: 600,
  server_lifetime: 3600,
  server_connect_timeout: 15,
  // PgBouncer rejects every client until its next attempt; its default of 15 s would exceed most restarts.
  server_login_retry: 1,
  // The guide's 30 s limit the wait for a connection, not the query. A global query_timeout would
  // also end reports and migrations, so the roles' statement_timeout limits queries.
  query_wait_timeout: 30,
  // Drivers send it, and ignoring it is harmless. `options` is not listed: it would be dropped silently.
  ignore_startup_parameters: "extra_float_digits",
  // Without it, named prepared statements fail in transaction pools; the default since 1.24.
  max_prepared_statements: 200,
  log_connections: true,
  log_disconnections: true,
  log_pooler_errors: true,
};

/** Security settings that override all others. */
export const FORCED_SETTINGS: PgBouncerSettings = {
  auth_type: "scram-sha-256",
  client_tls_protocols: "secure",
  server_tls_protocols: "secure",
};

/** First version of each setting that 1.18 lacks. */
const SINCE: Readonly<Record<string, string>> = { max_prepared_statements: "1.21" };

/** Keys that PgBouncer reads only at startup; RELOAD silently ignores their changes. */
export const RESTART_KEYS: ReadonlySet<string> = new Set([
  "disable_pqexec",
  "job_name",
  "listen_addr",
  "listen_backlog",
  "listen_port",
  "pidfile",
  "pkt_buf",
  "resolv_conf",
  "so_reuseport",
  "track_extra_parameters",
  "unix_socket_dir",
  "unix_socket_group",
  "unix_socket_mode",
  "user",
]);

/** Problems of a configuration: a version that is too old, or control characters in a value. */
export function pgbouncerProblems(config: PgBouncerConfig): readonly Problem[] {
  const { version, databases, settings = {} } = config;
  if (!/^\d+\.\d+(\.\d+)?$/.test(version) || isBefore(version, "1.18")) {
    return [
      {
        key: "version",
        value: quoted(version),
        allowed: "1.18 or later, as in 1.25.2",
        why: "earlier versions lack settings that the stack needs",
      },
    ];
  }
  return Object.entries({ ...databases, pgbouncer: settings }).flatMap(([name, values]) =>
    sortedEntries(values)
      .filter(([, value]) => hasControlCharacters(String(value)))
      .map(([key, value]) => ({
        key: name === "pgbouncer" ? `pgbouncer.${key}` : `databases.${name}.${key}`,
        value: quoted(value),
        allowed: "no control characters",
        why: "a line break would start another setting",
      })),
  );
}

/**
 * Renders `pgbouncer.ini`: sections, entries and keys sorted, connection parameters quoted, comments on their own lines
 * (PgBouncer takes a trailing comment as part of the value and does not start). The same configuration always gives the
 * same text.
 *
 * @throws Error with every problem of the configuration
 */
export function renderPgbouncerIni(config: PgBouncerConfig): RenderedIni {
  const problems = pgbouncerProblems(config);
  if (problems.length > 0) throw new Error(formatProblems(problems));

  const { version, databases } = config;
  const entries = sortedEntries(databases).map(([name, values]) => {
    const pairs = sortedEntries(values).map(
      ([key, value]) => `${keyName(key, version)}=${inQuotes(asText(value))}`,
    );
    return [name, "=", ...pairs].join(" ");
  });
  // An undefined value must not hide a default, so undefined ones are dropped before merging.
  const own = Object.fromEntries(sortedEntries(config.settings ?? {}));
  const settings = sortedEntries({ ...DEFAULT_SETTINGS, ...own, ...FORCED_SETTINGS });
  const unknown = ([key]: readonly [string, IniValue]) => isBefore(version, SINCE[key] ?? "1.18");
  const lines = [
    "; Written by the stack: an edit is lost. A comment must have a line of its own.",
    "[databases]",
    ...entries,
    "",
    "[users]",
    "",
    "[pgbouncer]",
    ...settings
      .filter((setting) => !unknown(setting))
      .map(([key, value]) => `${key} = ${asText(value)}`.trimEnd()),
  ];
  return {
    text: `${lines.join("\n")}\n`,
    leftOut: settings.filter(unknown).map(([key]) => `pgbouncer.${key} (from ${SINCE[key]})`),
  };
}

/** A login in PgBouncer's `auth_file`. */
export interface UserlistEntry {
  readonly name: string;
  /** A SCRAM verifier, or a password when PgBouncer must log in without a client. */
  readonly secret: string;
}

/**
 * Renders PgBouncer's `auth_file`: one login per line, sorted by name, quotes doubled. Write it with mode 0600; changes
 * take effect after a RELOAD.
 *
 * With a verifier, a client's SCRAM log-in can be passed on to the server, if the server has the same verifier and the
 * database entry has no user. A plain password always works, but is then in the file.
 */
export function renderUserlist(entries: readonly UserlistEntry[]): string {
  const inDoubleQuotes = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return [...entries]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, secret }) => `${inDoubleQuotes(name)} ${inDoubleQuotes(secret)}\n`)
    .join("");
}

/** A connection parameter: in single quotes, with quotes inside doubled; nothing else is special. */
function inQuotes(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Before 1.24 the reserve of an entry was called `reserve_pool`. */
function keyName(key: string, version: string): string {
  return key === "reserve_pool_size" && isBefore(version, "1.24") ? "reserve_pool" : key;
}

function isBefore(version: string, since: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split(".").map(Number);
  return major === sinceMajor ? minor < sinceMinor : major < sinceMajor;
}

function asText(value: IniValue): string {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

/** Sorted by code unit, independent of the locale; undefined values dropped. */
function sortedEntries<T>(record: Readonly<Record<string, T | undefined>>): [string, T][] {
  return Object.entries(record)
    .flatMap(([key, value]): [string, T][] => (value === undefined ? [] : [[key, value]]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
