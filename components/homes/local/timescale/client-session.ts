/**
 * One client's session in an engine that has a single one: it starts clean, as the role of the client, and leaves
 * nothing behind.
 */
import { isScramVerifier } from "../../../roles/plan/scram-server";
import { SUPERUSER } from "./backend";
import type { TimescaleEngine } from "./pglite-engine";
import {
  int32,
  isExtension,
  type Opening,
  serverMessage,
  SessionError,
  startupSettings,
} from "./wire-protocol";

export type Startup = Extract<Opening, { kind: "startup" }>;

/** Parameters that clients are told at the start of each session. */
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

/** Parameters that hold the role of the session; they have no other value to return to. */
const IDENTITY = new Set(["role", "session_authorization"]);

const ENCODINGS = /^['"]?(?:utf-?8|unicode|sql_ascii)['"]?$/i;

/** SCRAM verifiers of all roles that have one, by role. */
export async function readVerifiers(engine: TimescaleEngine): Promise<ReadonlyMap<string, string>> {
  // Without operators and casts: the search_path of a session could replace them.
  const rows = await engine.backend.asSuperuser(() =>
    engine.query<{ rolname: string; rolpassword: string | null }>(
      "select rolname, rolpassword from pg_catalog.pg_authid",
    ),
  );
  return new Map(
    rows.flatMap(({ rolname, rolpassword }): [string, string][] =>
      rolpassword !== null && isScramVerifier(rolpassword) ? [[rolname, rolpassword]] : [],
    ),
  );
}

/** One client's session in the engine, from its set-up to its clean-up. */
export class EngineSession {
  /** Reset values that parameters had before the session, to restore afterwards. */
  readonly #before = new Map<string, string>();

  /** @param served the only database */
  constructor(
    private readonly engine: TimescaleEngine,
    private readonly served: string,
  ) {}

  /**
   * Switches to the authenticated role, and applies the settings of the role and of the client. From here on the
   * session is that role's: nothing that the client sends makes it another's.
   * @param verifier that the client's password was checked against
   * @returns the greeting.
   * @throws SessionError if the role may not log in or not connect to the database.
   */
  async begin({ parameters, minor }: Startup, verifier: string): Promise<Buffer> {
    const user = parameters.get("user") ?? "";
    const database = parameters.get("database") ?? user;
    if (database !== this.served) {
      throw new SessionError(
        "3D000",
        `database "${database}" does not exist; this server has only "${this.served}"`,
      );
    }
    await this.#adoptRole(user, verifier);
    for (const [name, value] of startupSettings(parameters)) {
      await this.#set(name, value).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SessionError("22023", `start-up parameter "${name}": ${reason}`);
      });
    }
    const extensions = [...parameters.keys()].filter(isExtension);
    const negotiation =
      minor > 0 || extensions.length > 0
        ? [serverMessage("v", int32(0), int32(extensions.length), ...extensions)]
        : [];
    const settings = await this.engine.query<{ name: string; value: string | null }>(
      `select name, pg_catalog.current_setting(name, true) as value
       from pg_catalog.unnest($1::pg_catalog.text[]) as name`,
      [REPORTED],
    );
    return Buffer.concat([
      ...negotiation,
      serverMessage("R", int32(0)),
      ...settings.map(({ name, value }) => serverMessage("S", name, value ?? "")),
      // A cancel key without effect: no query runs in parallel.
      serverMessage("K", int32(process.pid), int32(0)),
      serverMessage("Z", Buffer.from("I")),
    ]);
  }

  /** Clears the session: transaction, role, settings, locks, plans, temporary tables. */
  async end(): Promise<void> {
    // After an error the engine skips all messages up to the next Sync.
    await this.engine.execute(serverMessage("S"));
    await this.engine.run("rollback");
    this.engine.backend.authenticate({ name: "postgres", oid: SUPERUSER });
    for (const [name, value] of this.#before) this.engine.backend.setResetValue(name, value);
    this.#before.clear();
    await this.engine.run("reset session authorization");
    await this.engine.run("discard all");
  }

  async #adoptRole(user: string, verifier: string): Promise<void> {
    // A role that may create functions must not have one called by the superuser's query.
    await this.engine.run("set search_path = pg_catalog, pg_temp");
    const [role] = await this.engine.query<RoleRow>(ROLE, [user, this.served]);
    await this.engine.run("reset search_path");
    if (role?.verifier !== verifier) throw wrongPassword(user);
    if (!role.login) {
      throw new SessionError("28000", `role "${user}" is not permitted to log in`);
    }
    if (!role.connect) {
      throw new SessionError("42501", `permission denied for database "${this.served}"`);
    }
    for (const setting of role.settings) {
      const at = setting.indexOf("=");
      // As in PostgreSQL, an invalid setting of a role does not prevent its log-in.
      await this.#set(setting.slice(0, at), setting.slice(at + 1)).catch(() => undefined);
    }
    this.engine.backend.authenticate({ name: user, oid: role.oid });
    await this.engine.run("reset session authorization");
    const [who] = await this.engine.query<{ is: string }>("select session_user as is");
    if (who?.is !== user) throw new Error(`the session could not be bound to "${user}"`);
  }

  /** Sets a parameter with the privileges of the session, and the value to which RESET returns it. */
  async #set(name: string, value: string): Promise<void> {
    const [before] = await this.engine.query<{ value: string | null }>(
      "select reset_val as value from pg_catalog.pg_settings where name operator(pg_catalog.=) pg_catalog.lower($1)",
      [name],
    );
    // The engine crashes when it converts other encodings.
    if (name.toLowerCase() === "client_encoding" && !ENCODINGS.test(value)) {
      throw new Error("this server supports only UTF8 and SQL_ASCII");
    }
    await this.engine.query("select pg_catalog.set_config($1, $2, false)", [name, value]);
    if (IDENTITY.has(name.toLowerCase())) return;
    // An alias of another parameter: its value ends with the session anyway.
    if (before === undefined && !name.includes(".")) return;
    if (!this.#before.has(name)) this.#before.set(name, before?.value ?? "");
    this.engine.backend.setResetValue(name, value);
  }
}

/** PostgreSQL's error for an unknown role and for a wrong password. */
export function wrongPassword(user: string): SessionError {
  return new SessionError("28P01", `password authentication failed for user "${user}"`);
}

interface RoleRow {
  readonly oid: number;
  readonly verifier: string | null;
  readonly login: boolean;
  readonly connect: boolean;
  readonly settings: readonly string[];
}

const ROLE = `
  select r.oid::int as oid, rolpassword as verifier, rolcanlogin as login,
         has_database_privilege(rolname, $2::text, 'connect') as connect,
         array(
           select setting
           from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
           where setrole in (0, r.oid)
             and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = $2))
           order by setrole = 0 desc, setdatabase = 0 desc
         ) as settings
  from pg_catalog.pg_authid r
  where rolname = $1`;
