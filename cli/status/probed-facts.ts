import type { Client } from "pg";
import { isDriverError } from "../../components/connections/connect";
import { metricQueries } from "../../components/objectives/plan/metric-queries";
import type { Samples } from "../../components/objectives/plan/samples";
import { readMetrics } from "../../components/objectives/read-metrics";
import type { QueryFile } from "../../components/queries/plan/query-file";
import { DATABASES } from "../../components/roles/plan/role-plan";
import type { LoginOutput, ServerOutput } from "../../components/outputs/outputs";
import { type RoutedAddress, withRoute } from "./routes";
import { probeConfig, messageOf, probe, type Probe } from "./status-probe";

/** Facts that a server reported about itself. */
export interface ServerFacts {
  readonly version: string;
  readonly role: "primary" | "replica";
  readonly sessions: number;
  readonly maxConnections: number;
  readonly extensions: Readonly<Record<string, string>>;
  /** Migrations in the ledger; undefined if it cannot be read. */
  readonly applied: readonly string[] | undefined;
  /** Logins of the stack that are missing or cannot log in. */
  readonly shutOut: readonly string[];
  /** Why a test write failed; undefined if it succeeded. */
  readonly unwritable?: string;
  /** Streaming state and lag of a replica; undefined for a primary. */
  readonly replication: ReplicationFacts | undefined;
  readonly metrics: Samples;
}

interface ReplicationFacts {
  readonly streaming: boolean;
  /** WAL received and not yet replayed, in bytes. */
  readonly lagBytes: number;
  /** Age of the last replayed transaction, in seconds; 0 if all received WAL is replayed. */
  readonly lagSeconds: number;
}

/**
 * Queries one server, on one connection, which is closed before this returns.
 * @param users logins of the stack that must exist
 * @param queries named queries, of which it answers those whose columns are metrics
 */
export function probeServer(
  server: ServerOutput,
  place: RoutedAddress,
  login: LoginOutput,
  users: readonly string[],
  queries: readonly QueryFile[],
): Promise<Probe<ServerFacts>> {
  return withRoute(place, server.sslMode, (way) =>
    probe(probeConfig(server, way, login), (session) => askServer(session, server, users, queries)),
  );
}

async function askServer(
  client: Client,
  { database: name, maxConnections }: ServerOutput,
  users: readonly string[],
  queries: readonly QueryFile[],
): Promise<ServerFacts> {
  const { rows } = await client.query<BasicRow>(BASICS);
  const [basics] = rows;
  if (basics === undefined) throw new Error("the server gave no answer");
  const { rows: extensions } = await client.query<{ extname: string; extversion: string }>(
    "select extname, extversion from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname",
  );
  const role = basics.replica ? "replica" : "primary";
  const facts = {
    version: basics.version,
    role,
    sessions: basics.sessions,
    // A single-session server may still report PostgreSQL's default of 100.
    maxConnections: Math.min(basics.max_connections, maxConnections),
    extensions: Object.fromEntries(extensions.map((row) => [row.extname, row.extversion])),
    applied: basics.replica ? undefined : await askLedger(client),
    replication: basics.replica ? await askReplication(client) : undefined,
    shutOut: await askShutOut(client, users),
  } as const;
  const { stuck, ...writes } = await askWrites(client, basics.replica);
  const database = DATABASES.find((each) => each === name);
  const answered = database
    ? metricQueries(queries, {
        database,
        role,
        majorVersion: Number.parseInt(basics.version, 10),
        extensions: extensions.map(({ extname }) => extname),
      })
    : [];
  return { ...facts, ...writes, metrics: await readMetrics(client, answered, stuck) };
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
 * Tests writes with the monitor login's few privileges: an assigned transaction id writes WAL at the commit, and a sort
 * that exceeds its memory (1 MB) takes space in the data directory. A commit that would wait for a synchronous stand-by
 * is detected by a query instead.
 */
async function askWrites(client: Client, replica: boolean): Promise<WriteFacts> {
  try {
    await client.query(`begin; set local work_mem = '64kB'; ${SORT}; commit`);
    if (!replica) await client.query("begin; select pg_catalog.pg_current_xact_id(); commit");
    const { rows } = await client.query<{ waits: boolean; refuses: boolean }>(REFUSALS);
    if (rows[0]?.refuses === true) return { unwritable: "transactions are read-only" };
    return rows[0]?.waits === true ? { unwritable: "a write hangs" } : {};
  } catch (error) {
    const hung = isDriverError(error, "Query read timeout");
    if (hung) return { unwritable: "a write hangs", stuck: "the session waits for a write" };
    await client.query("rollback").catch(() => undefined);
    return { unwritable: messageOf(error) };
  }
}

interface WriteFacts {
  readonly unwritable?: string;
  /** Why the session can answer nothing else. */
  readonly stuck?: string;
}

/** A login without the privilege to see a stand-by's state still sees that the stand-by exists. */
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

/** Does not count its own session. */
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
