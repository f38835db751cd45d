import { type Client, DatabaseError } from "pg";
import { MigrationError } from "../plan/errors";
import {
  compareTargets,
  describeTarget,
  type RequiredExtension,
  type TargetIdentity,
} from "../plan/target-identity";
import { readTargets, recordTarget } from "./ledger";

/** Requirements of {@link checkTarget}. */
export interface TargetRequirements {
  /** Extensions that the files use. Default: none. */
  readonly extensions?: readonly RequiredExtension[];
  /** Database of an earlier run of this stack. Default: unknown. */
  readonly expected?: TargetIdentity;
}

/**
 * Checks that the database can be migrated; changes nothing. The current role must be able to read the ledger.
 * @throws MigrationError `standby`, `read-only`, `extension-not-preloaded`, `extension-missing` or
 *   `wrong-database`
 */
export async function checkTarget(client: Client, demands: TargetRequirements): Promise<void> {
  await checkServer(client, demands.extensions ?? []);
  await rejectOtherDatabase(client, demands.expected);
}

/** Checks the server, but not which database it is. */
export async function checkServer(
  client: Client,
  extensions: readonly RequiredExtension[],
): Promise<void> {
  await rejectReadOnly(client);
  for (const extension of extensions) await rejectMissingExtension(client, extension);
}

/**
 * Records the ledger's database on first use and after an upgrade; needs the migration lock.
 * @throws MigrationError `wrong-database`
 */
export async function claimTarget(client: Client, demands: TargetRequirements): Promise<void> {
  await rejectOtherDatabase(client, demands.expected);
  await recordCurrentTarget(client);
}

/** Records the ledger's current database, for one that was moved on purpose. */
export async function recordCurrentTarget(client: Client): Promise<void> {
  const now = await readTargetIdentity(client);
  const recorded = (await readTargets(client)).at(-1);
  if (recorded === undefined || compareTargets(recorded, now) !== "same") {
    await recordTarget(client, now);
  }
}

/** Identity of the session's database. */
export async function readTargetIdentity(client: Client): Promise<TargetIdentity> {
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
    // Normally every role may call it, unless that was revoked; servers that only resemble PostgreSQL may lack it.
    if (error instanceof DatabaseError) return null;
    throw error;
  }
}

async function rejectReadOnly(client: Client): Promise<void> {
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
      "this server is a stand-by, which is read-only: connect to the primary, and check whether a failover took place",
    );
  }
  if (state?.readonly) {
    throw new MigrationError(
      "read-only",
      `transactions are read-only (default_transaction_read_only, set by: ${state.source}): find out who set ` +
        `it and why, for example because of a full disk; run again when it is off`,
    );
  }
}

/**
 * Only superusers can read the list of preloaded libraries. The settings of a library are visible to all, and exist
 * only once it is loaded.
 */
async function rejectMissingExtension(
  client: Client,
  { name, preload }: RequiredExtension,
): Promise<void> {
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
      `the server lacks the extension ${name}, which the migrations use: install it on the server, then run again`,
    );
  }
  if (preload && !loaded) {
    throw new MigrationError(
      "extension-not-preloaded",
      `${name} is not preloaded: add it to shared_preload_libraries, restart the ` +
        `server, then run again`,
    );
  }
  if (!created) {
    throw new MigrationError(
      "extension-missing",
      `the database lacks the extension ${name}, which the migrations use: the stack creates it before it ` +
        `migrates; elsewhere run "create extension "${name}" schema public" as an administrator, then run again`,
    );
  }
}

async function rejectOtherDatabase(
  client: Client,
  expected: TargetIdentity | undefined,
): Promise<void> {
  const now = await readTargetIdentity(client);
  const known = await readTargets(client);
  const recorded = known.at(-1);
  if (recorded !== undefined && compareTargets(recorded, now) === "other") {
    throw new MigrationError(
      "wrong-database",
      `the ledger belongs to ${describeTarget(recorded)}, but this is ${describeTarget(now)}. Correct the ` +
        `address. If the database was moved here on purpose, run "npm run baseline", which compares the schema ` +
        `and then records this database`,
    );
  }
  // The ledger of a database that was moved on purpose lists the database that the stack remembers.
  const moved = known.some((place) => expected && compareTargets(expected, place) === "same");
  if (expected !== undefined && !moved && compareTargets(expected, now) === "other") {
    throw new MigrationError(
      "wrong-database",
      `this stack last migrated ${describeTarget(expected)}, but this is ${describeTarget(now)}. Check whether the address ` +
        `or the tunnel leads to another stack's server, and correct it. If this database replaces the other on ` +
        `purpose, remove the stack's Migrations resource from its state ("pulumi state delete"), then run again`,
    );
  }
}
