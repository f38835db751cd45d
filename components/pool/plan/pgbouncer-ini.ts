import { holdsControls, quoted } from "../../text/printable";
import { formatProblems, type Problem } from "../../text/problem";

/** A value as a caller writes it; `true` and `false` become 1 and 0. */
type IniValue = string | number | boolean;

type Values = Readonly<Record<string, IniValue | undefined>>;

/** Keys of the `[pgbouncer]` section. Times are seconds. */
export type PgBouncerSettings = Values;

/** Where one entry of `[databases]` leads; `dbname` defaults to the entry's own name. */
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

/** What a `pgbouncer.ini` is made from. PgBouncer does not start with a key that it does not know. */
export interface PgBouncerConfig {
  /** Version of the program that will read it, such as `1.25.2`. From 1.18. */
  readonly version: string;
  /** By the name that clients connect to: letters, digits and `_ . -`. Adding one needs a RELOAD only. */
  readonly databases: Readonly<Record<string, DatabaseEntry>>;
  /** Over {@link DEFAULT_SETTINGS}, under {@link FORCED_SETTINGS}. @default - house defaults */
  readonly settings?: PgBouncerSettings;
}

/** The text of the file, and what could not be said in it. */
export interface RenderedIni {
  readonly text: string;
  /** Settings that this version does not know, each with the first version that does. */
  readonly leftOut: readonly string[];
}

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

/** Security: they are laid over all other settings. */
export const FORCED_SETTINGS: PgBouncerSettings = {
  auth_type: "scram-sha-256",
  client_tls_protocols: "secure",
  server_tls_protocols: "secure",
};

/** First version that knows a setting, of those that 1.18 does not know. */
const SINCE: Readonly<Record<string, string>> = { max_prepared_statements: "1.21" };

/** Keys that PgBouncer reads at its start only: it ignores a change of them on RELOAD, silently. */
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

/** Why PgBouncer cannot have a configuration: it is too old, or a value has a control character. */
export function pgbouncerProblems(config: PgBouncerConfig): readonly Problem[] {
  const { version, databases, settings = {} } = config;
  if (!/^\d+\.\d+(\.\d+)?$/.test(version) || isBefore(version, "1.18")) {
    return [
      {
        key: "version",
        value: quoted(version),
        allowed: "1.18 or later, as in 1.25.2",
        why: "earlier ones lack settings that the stack needs",
      },
    ];
  }
  return Object.entries({ ...databases, pgbouncer: settings }).flatMap(([name, values]) =>
    sortedEntries(values)
      .filter(([, value]) => holdsControls(String(value)))
      .map(([key, value]) => ({
        key: name === "pgbouncer" ? `pgbouncer.${key}` : `databases.${name}.${key}`,
        value: quoted(value),
        allowed: "no control characters",
        why: "a line break would start a setting of its own, and nothing is removed silently",
      })),
  );
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

  const { version, databases } = config;
  const entries = sortedEntries(databases).map(([name, values]) => {
    const pairs = sortedEntries(values).map(
      ([key, value]) => `${spelling(key, version)}=${inQuotes(asText(value))}`,
    );
    return [name, "=", ...pairs].join(" ");
  });
  // An absent value must not hide a default, so absent ones are dropped before they are laid over it.
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

/** A login of PgBouncer's `auth_file`. */
export interface UserlistEntry {
  readonly name: string;
  /** A SCRAM verifier, or a password where PgBouncer itself must log in without a client's. */
  readonly secret: string;
}

/**
 * The text of PgBouncer's `auth_file`: one login a line, sorted by name, quotes doubled. Write it
 * with mode 0600; a change of it takes effect with a RELOAD.
 *
 * A verifier lets a client's own SCRAM log-in be passed on to the server, if the server holds the
 * same verifier and the database entry names no user. A plain password works in every case, but
 * then the file holds one.
 */
export function renderUserlist(entries: readonly UserlistEntry[]): string {
  const inDoubleQuotes = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return [...entries]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, secret }) => `${inDoubleQuotes(name)} ${inDoubleQuotes(secret)}\n`)
    .join("");
}

/** A connection parameter: always in single quotes, one inside is doubled, nothing else is special. */
function inQuotes(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Before 1.24 an entry's reserve was spelled `reserve_pool`. */
function spelling(key: string, version: string): string {
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

/** Sorted by code unit, so that the order never depends on a locale; absent values dropped. */
function sortedEntries<T>(record: Readonly<Record<string, T | undefined>>): [string, T][] {
  return Object.entries(record)
    .flatMap(([key, value]): [string, T][] => (value === undefined ? [] : [[key, value]]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
