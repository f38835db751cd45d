/** Fills one database with made-up rows. */
import type { Client } from "pg";
import { connectAdministrator } from "../../components/connections/administrative-connection";
import { hostAndPort } from "../../components/text/address";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import type { StackOutputs } from "../../components/outputs/outputs";
import { refreshAggregates } from "../../data/refresh-aggregates";
import { copyOver, loadTable } from "../../data/load-table";
import type { DataTable } from "../../data/table";
import { UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";
import { printable } from "../../components/text/printable";

/** Rows loaded into one table. */
export interface LoadedTable {
  readonly table: string;
  readonly rows: number;
  readonly seconds: number;
}

/** Milliseconds. The embedded TimescaleDB has one session, and queues a client for up to a minute. */
const CONNECT_TIMEOUT_MS = 65_000;

/**
 * Runs `work` on a connection as the server's administrator.
 * @throws UserError if the server does not answer
 */
export async function withAdministrator<T>(
  outputs: StackOutputs,
  database: DatabaseName,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { user, password, host, port } = findLogin(outputs, `${database}_admin`);
  let client: Client;
  try {
    client = await connectAdministrator({
      user,
      password,
      host,
      port,
      database,
      application_name: "sark load",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
  } catch (cause) {
    const why = printable(cause instanceof Error ? cause.message : String(cause));
    throw new UserError(`${database} does not answer at ${hostAndPort(host, port)}: ${why}`, {
      cause,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Names of the tables that hold rows. */
export async function filledTables(
  client: Client,
  tables: readonly DataTable[],
): Promise<readonly string[]> {
  const filled: string[] = [];
  for (const { table } of tables) {
    const { rowCount } = await client.query(`select from public.${table} limit 1`);
    if (rowCount !== 0) filled.push(table);
  }
  return filled;
}

/** Fills all tables or none, then refreshes the aggregates and analyzes the tables. */
export async function fillTables(
  client: Client,
  database: DatabaseName,
  tables: readonly DataTable[],
  terminal: Terminal,
): Promise<readonly LoadedTable[]> {
  const filled: LoadedTable[] = [];
  // One transaction, since a policy and its first version refer to each other. Triggers fire, since an aggregate of the
  // empty tables may already have been refreshed. The administrator may insert rows with past times.
  await client.query("begin");
  for (const data of tables) {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    const rows = await loadTable(copyOver(client), data, {
      onProgress: (done) => {
        terminal.transient(lineOf({ table: data.table, rows: done, seconds: seconds() }));
      },
    });
    terminal.transient("");
    const result = { table: data.table, rows, seconds: seconds() };
    terminal.line(lineOf(result));
    filled.push(result);
  }
  await client.query("commit");

  if (database === "sark_audit") {
    terminal.transient("  refreshing the aggregates");
    await refreshAggregates(client);
  }
  terminal.transient("  analyzing");
  for (const { table } of tables) await client.query(`analyze public.${table}`);
  terminal.transient("");
  return filled;
}

function lineOf({ table, rows, seconds }: LoadedTable): string {
  const rate = Math.round(rows / Math.max(seconds, 0.001));
  return `  ${table.padEnd(20)}${number(rows).padStart(12)} rows${number(rate).padStart(12)} rows/s`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
