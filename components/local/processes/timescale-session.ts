/**
 * What one client's session means for an engine that has a single one: it starts clean, as the
 * role that the client names, and leaves nothing behind.
 */
import type { TimescaleEngine } from "./timescale-engine";
import { int32, isExtension, type Opening, serverMessage, startupSettings } from "./wire-protocol";

export type Startup = Extract<Opening, { kind: "startup" }>;

/** A session that cannot be had: PostgreSQL's SQLSTATE and sentence for it. */
export class SessionRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What clients are told of the server at the start of each session. */
const REPORTED = [
  "application_name",
  "client_encoding",
  "DateStyle",
  "default_transaction_read_only",
  "in_hot_standby",
  "integer_datetimes",
  "IntervalStyle",
  "is_superuser",
  "scram_iterations",
  "server_encoding",
  "server_version",
  "session_authorization",
  "standard_conforming_strings",
  "TimeZone",
];

/**
 * What the engine is started with and a server is not: made for the engine's own set-up, in which
 * `create table t` would go to pg_catalog. A start of the engine cannot be told otherwise, so each
 * session is, and again after a RESET.
 */
const SERVER_DEFAULTS: Readonly<Record<string, string>> = {
  allow_system_table_mods: "off",
  client_min_messages: "notice",
  enable_seqscan: "on",
  exit_on_error: "off",
  log_min_messages: "warning",
  search_path: '"$user", public',
};

/** Gives the settings that are the engine's own the values that they have on a server. */
export async function applyServerDefaults(engine: TimescaleEngine): Promise<void> {
  await engine.query(
    `select set_config(name, $1::jsonb ->> name, false)
     from pg_catalog.pg_settings
     where name in (select jsonb_object_keys($1::jsonb))
       and source = 'command line'
       and (context = 'user' or current_setting('is_superuser')::boolean)`,
    [JSON.stringify(SERVER_DEFAULTS)],
  );
}

/** Leaves nothing of a session: transaction, role, settings, locks, plans, temporary tables. */
export async function resetSession(engine: TimescaleEngine): Promise<void> {
  await engine.run("rollback");
  await engine.run("reset session authorization");
  await engine.run("discard all");
}

/**
 * Becomes the role that the client names, with the settings that the role and the client ask for.
 * The role can change back to the superuser, as its session is the engine's only one: this is what
 * a program needs to meet its privileges, and no barrier.
 * @returns the greeting.
 * @throws SessionRefused when the database or the role is not one to connect to.
 */
export async function beginSession(
  engine: TimescaleEngine,
  served: string,
  { parameters, minor }: Startup,
): Promise<Buffer> {
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database") ?? user;
  if (database !== served) {
    throw new SessionRefused(
      "3D000",
      `database "${database}" does not exist; this server has "${served}" alone`,
    );
  }
  await adoptRole(engine, served, user);
  for (const [name, value] of startupSettings(parameters)) {
    await setParameter(engine, name, value);
  }
  const extensions = [...parameters.keys()].filter(isExtension);
  const negotiation =
    minor > 0 || extensions.length > 0
      ? [serverMessage("v", int32(0), int32(extensions.length), ...extensions)]
      : [];
  const settings = await engine.query<{ name: string; value: string | null }>(
    "select name, current_setting(name, true) as value from unnest($1::text[]) as name",
    [REPORTED],
  );
  return Buffer.concat([
    ...negotiation,
    serverMessage("R", int32(0)),
    ...settings.map(({ name, value }) => serverMessage("S", name, value ?? "")),
    // No query runs beside another, so there is none to cancel: the key opens nothing.
    serverMessage("K", int32(process.pid), int32(0)),
    serverMessage("Z", Buffer.from("I")),
  ]);
}

/** What `DISCARD ALL` takes away that a session on a server would have kept. */
export async function adoptRole(
  engine: TimescaleEngine,
  served: string,
  user: string,
): Promise<void> {
  await applyServerDefaults(engine);
  const [role] = await engine.query<{ login: boolean; connect: boolean; settings: string[] }>(
    `select rolcanlogin as login,
            has_database_privilege(rolname, $2::text, 'connect') as connect,
            array(
              select setting
              from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
              where setrole in (0, r.oid)
                and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = $2))
              order by setrole = 0 desc, setdatabase = 0 desc
            ) as settings
     from pg_catalog.pg_roles r
     where rolname = $1`,
    [user, served],
  );
  if (role === undefined) throw new SessionRefused("28000", `role "${user}" does not exist`);
  if (!role.login) {
    throw new SessionRefused("28000", `role "${user}" is not permitted to log in`);
  }
  if (!role.connect) {
    throw new SessionRefused("42501", `permission denied for database "${served}"`);
  }
  for (const setting of role.settings) {
    const at = setting.indexOf("=");
    // As in PostgreSQL, a role's setting that does not work keeps nobody out.
    await setParameter(engine, setting.slice(0, at), setting.slice(at + 1)).catch(() => undefined);
  }
  await engine.run(`set session authorization "${user.replaceAll('"', '""')}"`);
}

async function setParameter(engine: TimescaleEngine, name: string, value: string): Promise<void> {
  try {
    await engine.query("select set_config($1, $2, false)", [name, value]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SessionRefused("22023", `start-up parameter "${name}": ${reason}`);
  }
}
