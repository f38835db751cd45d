import { type Client, DatabaseError } from "pg";
import { MigrationError } from "../plan/errors";
import {
  compareTargets,
  describeTarget,
  type RequiredExtension,
  type TargetIdentity,
} from "../plan/target-identity";
import { readTargets, recordTarget } from "./ledger";

/** What {@link checkTarget} asks of a database. */
export interface TargetDemands {
  /** Extensions that the files use. Default: none. */
  readonly extensions?: readonly RequiredExtension[];
  /** Where an earlier run of this stack was. Default: not known. */
  readonly expected?: TargetIdentity;
}

/**
 * Looks whether this is a database to migrate; changes nothing. The role that is set may read the ledger.
 * @throws MigrationError `standby`, `read-only`, `extension-not-preloaded`, `extension-missing` or `wrong-database`
 */
export async function checkTarget(client: Client, demands: TargetDemands): Promise<void> {
  await checkServer(client, demands.extensions ?? []);
  await refuseOther(client, demands.expected);
}

/** The same, whichever database it is. */
export async function checkServer(
  client: Client,
  extensions: readonly RequiredExtension[],
): Promise<void> {
  await refuseReadOnly(client);
  for (const extension of extensions) await refuseWithout(client, extension);
}

/**
 * Records on first use where the ledger is, and again after an upgrade; under the lock of one run at a time.
 * @throws MigrationError `wrong-database`
 */
export async function claimTarget(client: Client, demands: TargetDemands): Promise<void> {
  await refuseOther(client, demands.expected);
  await recordPlace(client);
}

/** Records where the ledger is now, wherever it was before: for a database that was moved on purpose. */
export async function recordPlace(client: Client): Promise<void> {
  const now = await identify(client);
  const recorded = (await readTargets(client)).at(-1);
  if (recorded === undefined || compareTargets(recorded, now) !== "same") {
    await recordTarget(client, now);
  }
}

/** Which database a session is in. */
export async function identify(client: Client): Promise<TargetIdentity> {
  const { rows } = await client.query<{ database: string; version: number }>(
    `select pg_catalog.current_database() as database,
            pg_catalog.current_setting('server_version_num')::integer as version`,
  );
  const { database = "", version = 0 } = rows[0] ?? {};
  return {
    systemIdentifier: await systemIdentifier(client),
    database,
    major: Math.floor(version / 10_000),
  };
}

async function systemIdentifier(client: Client): Promise<string | null> {
  try {
    const { rows } = await client.query<{ id: string }>(
      "select system_identifier::text as id from pg_catalog.pg_control_system()",
    );
    return rows[0]?.id ?? null;
  } catch (error) {
    // Everybody may ask, unless somebody has taken that away; what only looks like PostgreSQL may not have it.
    if (error instanceof DatabaseError) return null;
    throw error;
  }
}

async function refuseReadOnly(client: Client): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; readonly: boolean; source: string }>(
    `select pg_catalog.pg_is_in_recovery() as standby,
            pg_catalog.current_setting('transaction_read_only')::boolean as readonly,
            s.source
       from pg_catalog.pg_settings as s
      where s.name = 'default_transaction_read_only'`,
  );
  const [state] = rows;
  if (state?.standby) {
    throw new MigrationError(
      "standby",
      "this server is a standby, which takes no changes: connect to the primary, and look whether there was a failover",
    );
  }
  if (state?.readonly) {
    throw new MigrationError(
      "read-only",
      `transactions are read-only here (default_transaction_read_only, set by: ${state.source}): find out who set ` +
        `that and why, such as a disk that is full, and run again when it is off`,
    );
  }
}

/**
 * The list of preloaded libraries is hidden from those who are no superusers. A library's settings are not, and there
 * are none of them before it is loaded.
 */
async function refuseWithout(client: Client, { name, preload }: RequiredExtension): Promise<void> {
  const { rows } = await client.query<{
    created: boolean;
    available: boolean;
    loaded: boolean;
  }>(
    `select exists (select from pg_catalog.pg_extension where extname = $1) as created,
            exists (select from pg_catalog.pg_available_extensions as e where e.name = $1) as available,
            exists (select from pg_catalog.pg_settings as s where pg_catalog.starts_with(s.name, $1 || '.')) as loaded`,
    [name],
  );
  const { created, available, loaded } = rows[0] ?? {};
  if (!created && !available) {
    throw new MigrationError(
      "extension-missing",
      `the server has no extension ${name}, which the migrations use: install it on the server, and run again`,
    );
  }
  if (preload && !loaded) {
    throw new MigrationError(
      "extension-not-preloaded",
      `${name} is not preloaded, without which it does not work: add it to shared_preload_libraries, restart the ` +
        `server, and run again`,
    );
  }
  if (!created) {
    throw new MigrationError(
      "extension-missing",
      `the extension ${name}, which the migrations use, is not in this database: the stack makes it before it ` +
        `migrates; elsewhere run "create extension "${name}" schema public" as an administrator, and run again`,
    );
  }
}

async function refuseOther(client: Client, expected: TargetIdentity | undefined): Promise<void> {
  const now = await identify(client);
  const known = await readTargets(client);
  const recorded = known.at(-1);
  if (recorded !== undefined && compareTargets(recorded, now) === "other") {
    throw new MigrationError(
      "wrong-database",
      `the ledger here was kept in ${describeTarget(recorded)}, and this is ${describeTarget(now)}. Correct the ` +
        `address; or, if the database was moved here on purpose, run "npm run baseline", which compares the schema ` +
        `and then records this as its place`,
    );
  }
  // A ledger that was moved on purpose knows the place that the stack remembers.
  const moved = known.some((place) => expected && compareTargets(expected, place) === "same");
  if (expected !== undefined && !moved && compareTargets(expected, now) === "other") {
    throw new MigrationError(
      "wrong-database",
      `this stack migrated ${describeTarget(expected)} before, and this is ${describeTarget(now)}: does the address ` +
        `or the tunnel lead to another stack's server? Correct it; or, if this one takes the place of the other on ` +
        `purpose, take the stack's Migrations resource out of its state ("pulumi state delete"), and run again`,
    );
  }
}
