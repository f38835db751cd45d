/** Fills one database with made-up rows. */
import type { Client } from "pg";
import { connectAdministrator } from "../../components/connections/administrative";
import { hostAndPort } from "../../components/text/address";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import type { StackOutputs } from "../../components/outputs/outputs";
import { refreshed } from "../../data/history";
import { copyOver, loadTable } from "../../data/load-table";
import type { DataTable } from "../../data/table";
import { UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";
import { printable } from "../../components/text/printable";

/** What was put into a table. */
export interface Filled {
  readonly table: string;
  readonly rows: number;
  readonly seconds: number;
}

/** The embedded TimescaleDB has one session, and lets a client wait for its turn for a minute; in milliseconds. */
const PATIENCE = 65_000;

/**
 * Does some work as the server's administrator.
 * @throws UserError where the server does not answer
 */
export async function connected<T>(
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
      connectionTimeoutMillis: PATIENCE,
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

/** Which of the tables hold rows. */
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

/** Fills all tables or none, then brings up to date what the planner and the aggregates know of them. */
export async function fill(
  client: Client,
  database: DatabaseName,
  tables: readonly DataTable[],
  terminal: Terminal,
): Promise<readonly Filled[]> {
  const filled: Filled[] = [];
  // A policy and its first version need each other, so the tables of a database are one transaction. Triggers fire: an
  // aggregate of the empty tables may have been refreshed already. Rows of the past are allowed to the administrator.
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
    await refreshed(client);
  }
  terminal.transient("  analyzing");
  for (const { table } of tables) await client.query(`analyze public.${table}`);
  terminal.transient("");
  return filled;
}

function lineOf({ table, rows, seconds }: Filled): string {
  const rate = Math.round(rows / Math.max(seconds, 0.001));
  return `  ${table.padEnd(20)}${number(rows).padStart(12)} rows${number(rate).padStart(12)} rows/s`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
