import type { Client } from "pg";
import { isDriversError } from "../../components/connections/connect";
import type { LoginOutput, ServerOutput } from "../../components/outputs/outputs";
import { type Place, reached } from "./reach";
import { configOf, messageOf, probe, type Probe } from "./status-probe";

/** What a server said of itself; `error` alone when it could not be asked. */
export interface ServerFacts {
  readonly version: string;
  readonly role: "primary" | "replica";
  readonly sessions: number;
  readonly maxConnections: number;
  readonly extensions: Readonly<Record<string, string>>;
  /** Names in the ledger; undefined when it cannot be read. */
  readonly applied: readonly string[] | undefined;
  /** Logins of the stack that are gone, or may not log in. */
  readonly shutOut: readonly string[];
  /** Why a write did not succeed; undefined where it did. */
  readonly unwritable?: string;
  /** Of a replica: whether it receives, and how far behind it is. */
  readonly replication: ReplicationFacts | undefined;
}

interface ReplicationFacts {
  readonly streaming: boolean;
  /** Received and not yet replayed, in bytes. */
  readonly lagBytes: number;
  /** Age of the last transaction replayed while there are others to replay; 0 when there are none. */
  readonly lagSeconds: number;
}

/**
 * Asks one server, on one connection, which is closed before this returns.
 * @param users logins of the stack that have to be there
 */
export function probeServer(
  server: ServerOutput,
  place: Place,
  login: LoginOutput,
  users: readonly string[],
): Promise<Probe<ServerFacts>> {
  return reached(place, server.sslMode, (way) =>
    probe(configOf(server, way, login), (session) =>
      askServer(session, server.maxConnections, users),
    ),
  );
}

async function askServer(
  client: Client,
  described: number,
  users: readonly string[],
): Promise<ServerFacts> {
  const { rows } = await client.query<BasicRow>(BASICS);
  const [basics] = rows;
  if (basics === undefined) throw new Error("the server gave no answer");
  const extensions = await client.query<{ extname: string; extversion: string }>(
    "select extname, extversion from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname",
  );
  return {
    version: basics.version,
    role: basics.replica ? "replica" : "primary",
    sessions: basics.sessions,
    // A server with a single session may still name PostgreSQL's usual hundred.
    maxConnections: Math.min(basics.max_connections, described),
    extensions: Object.fromEntries(extensions.rows.map((row) => [row.extname, row.extversion])),
    applied: basics.replica ? undefined : await askLedger(client),
    replication: basics.replica ? await askReplication(client) : undefined,
    shutOut: await askShutOut(client, users),
    ...(await askWrites(client, basics.replica)),
  };
}

async function askShutOut(client: Client, users: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select name from pg_catalog.unnest($1::text[]) as name
      where not exists (select from pg_catalog.pg_roles
                         where rolname = name and rolcanlogin
                           and coalesce(rolvaliduntil > pg_catalog.now(), true))
      order by name`,
    [users],
  );
  return rows.map(({ name }) => name);
}

/**
 * Tries to write with the few rights of the monitor's login: an assigned transaction id writes WAL at the commit, and a
 * sort beyond its memory (1 MB) takes space in the data directory. A commit that would wait for a synchronous stand-by is
 * not tried, but looked up.
 */
async function askWrites(client: Client, replica: boolean): Promise<{ unwritable?: string }> {
  try {
    await client.query(`begin; set local work_mem = '64kB'; ${SORT}; commit`);
    if (!replica) await client.query("begin; select pg_catalog.pg_current_xact_id(); commit");
    const { rows } = await client.query<{ waits: boolean; refuses: boolean }>(REFUSALS);
    if (rows[0]?.refuses === true) return { unwritable: "transactions are read-only" };
    return rows[0]?.waits === true ? { unwritable: "a write hangs" } : {};
  } catch (error) {
    const hung = isDriversError(error, "Query read timeout");
    return { unwritable: hung ? "a write hangs" : messageOf(error) };
  }
}

/** A login without the right to see the state of a stand-by sees that there is one. */
const REFUSALS = `
  select not pg_catalog.pg_is_in_recovery()
     and pg_catalog.current_setting('transaction_read_only') = 'on' as refuses,
         not pg_catalog.pg_is_in_recovery()
     and pg_catalog.current_setting('synchronous_standby_names') <> ''
     and pg_catalog.current_setting('synchronous_commit') not in ('off', 'local')
     and not exists (select from pg_catalog.pg_stat_replication
                     where coalesce(sync_state, 'sync') in ('sync', 'quorum')) as waits`;

const SORT =
  "select count(*) from (select number from pg_catalog.generate_series(1, 20000) as number " +
  "order by pg_catalog.md5(number::text) offset 0) as sorted";

interface BasicRow {
  readonly version: string;
  readonly replica: boolean;
  readonly max_connections: number;
  readonly sessions: number;
}

/** This session is not counted. */
const BASICS = `
  select pg_catalog.current_setting('server_version') as version,
         pg_catalog.pg_is_in_recovery() as replica,
         pg_catalog.current_setting('max_connections')::int as max_connections,
         (select count(*)::int from pg_catalog.pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()) as sessions`;

async function askLedger(client: Client): Promise<readonly string[] | undefined> {
  try {
    const { rows } = await client.query<{ name: string }>(
      "select name from sark_migrations.applied order by name",
    );
    return rows.map(({ name }) => name);
  } catch {
    return undefined;
  }
}

async function askReplication(client: Client): Promise<ReplicationFacts> {
  const { rows } = await client.query<{
    streaming: boolean;
    lag_bytes: string;
    lag_seconds: number;
  }>(`
    select exists (select from pg_catalog.pg_stat_wal_receiver where status = 'streaming') as streaming,
           coalesce(pg_catalog.pg_wal_lsn_diff(received, replayed), 0)::bigint as lag_bytes,
           case when received = replayed then 0
                else coalesce(extract(epoch from pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp()), 0)
           end::float8 as lag_seconds
    from (select pg_catalog.pg_last_wal_receive_lsn() as received,
                 pg_catalog.pg_last_wal_replay_lsn() as replayed) as lsn`);
  const [row] = rows;
  return {
    streaming: row?.streaming ?? false,
    lagBytes: Number(row?.lag_bytes ?? 0),
    lagSeconds: row?.lag_seconds ?? 0,
  };
}
