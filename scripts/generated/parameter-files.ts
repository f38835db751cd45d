/** The facts about server parameters in components/parameters/known/*.json, from `pg_settings` of running servers. */
import type { Client } from "pg";
import { withPostgres, withTimescale } from "./generator-servers";

/** A row of `pg_settings`, as far as the facts need it. */
interface SettingRow {
  readonly name: string;
  readonly vartype: string;
  readonly context: string;
  readonly unit: string | null;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: readonly string[] | null;
  readonly boot_val: string | null;
}

/**
 * TimescaleDB's parameters that the embedded build lacks, because it has neither the loader that starts background
 * workers nor telemetry. From TimescaleDB's source: `src/loader/bgw_counter.c`, `src/guc.c`.
 */
const loaderRows: readonly SettingRow[] = [
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

/**
 * The files of a connected server: of its major version, and of auto_explain, which every server includes. The server
 * must preload pg_stat_statements, whose parameters are in the first file.
 */
export async function serverFacts(client: Client): Promise<Readonly<Record<string, string>>> {
  const rows = await settingRows(client);
  if (!rows.some(({ name }) => name.startsWith("pg_stat_statements."))) {
    throw new Error("start this server with shared_preload_libraries=pg_stat_statements");
  }
  const { rows: versions } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  await client.query("load 'auto_explain'");
  return {
    ...factsFile(`postgresql-${versions[0]?.major ?? 0}`, rows),
    ...factsFile("auto-explain", await settingRows(client, "and name like 'auto\\_explain.%'")),
  };
}

/** The files of PostgreSQL 18 and TimescaleDB. */
export async function parameterFacts(): Promise<Readonly<Record<string, string>>> {
  const timescale = await withTimescale(async (client) => {
    await client.query("create extension timescaledb");
    return settingRows(client, "and name like 'timescaledb.%'");
  });
  return {
    ...(await withPostgres(serverFacts)),
    ...factsFile("timescaledb", [...timescale, ...loaderRows]),
  };
}

// `internal` parameters report how the server was built and cannot be set.
async function settingRows(client: Client, condition = ""): Promise<readonly SettingRow[]> {
  const { rows } = await client.query<SettingRow>(
    `select name, vartype, context, unit, min_val, max_val, enumvals, boot_val
       from pg_settings where context <> 'internal' and name not like '%.disable\\_load' ${condition}`,
  );
  return rows;
}

/** A JSON file with one parameter a line, so that a diff shows the changed parameters. */
function factsFile(name: string, rows: readonly SettingRow[]): Readonly<Record<string, string>> {
  const lines = rows
    .map((row) => [row.name.toLowerCase(), facts(row)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([parameter, found]) => `  "${parameter}": ${JSON.stringify(found)}`);
  return { [`components/parameters/known/${name}.json`]: `{\n${lines.join(",\n")}\n}\n` };
}

/** The facts of a parameter. Omits missing facts, and defaults that are paths of this machine. */
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
