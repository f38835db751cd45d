/**
 * Compares columnstore layouts: the space that each saves, and the pages that lookups read. Writes Markdown.
 *
 *   npm run bench:compression -- [table ...] [--rows 2000000] [--days 14] [--users 50000] [--ids v4] [--chunk "1 day"]
 *     [--independent]
 */
import { parseArgs } from "node:util";
import { ENABLE_TRIGGERS, DISABLE_TRIGGERS, loadTable } from "../data/load-table";
import { tablesOf } from "../data/tables";
import { HYPERTABLES, type Hypertable } from "../components/hypertables/plan/hypertable-facts";
import { type Comparison, COMPARISONS, type Layout } from "./compression/candidates";
import { type EmbeddedTimescale, openEmbedded } from "./compression/embedded";
import { measure, measureBefore } from "./compression/measure";
import { report, type Result } from "./compression/report";
import { groupByUserSession } from "./compression/user-sessions";

/** The end of the data. A Friday, so that the preceding days include a weekend. */
const NOW = new Date("2026-11-20T00:00:00Z");

interface Options {
  readonly rows: number;
  readonly days: number;
  readonly users: number;
  readonly ids: "v4" | "v7";
  /** Chunk interval. @default - that of the migrations */
  readonly chunk: string | undefined;
  /** Draws each row independently instead of in user sessions. */
  readonly independent: boolean;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: "string", default: "2000000" },
      days: { type: "string", default: "14" },
      users: { type: "string", default: "50000" },
      ids: { type: "string", default: "v4" },
      chunk: { type: "string" },
      independent: { type: "boolean", default: false },
    },
  });
  const options: Options = {
    rows: Number(values.rows),
    days: Number(values.days),
    users: Number(values.users),
    ids: values.ids === "v7" ? "v7" : "v4",
    chunk: values.chunk,
    independent: values.independent,
  };
  const asked = HYPERTABLES.filter(
    (table) => positionals.length === 0 || positionals.includes(table),
  );
  for (const table of asked) {
    const comparison = COMPARISONS[table];
    if (comparison === undefined) continue;
    const database = await openEmbedded();
    try {
      console.log(await compare(database, table, comparison, options));
    } finally {
      await database.close();
    }
  }
}

async function compare(
  database: EmbeddedTimescale,
  table: Hypertable,
  { layouts, lookUps }: Comparison,
  { rows, days, users, ids, chunk, independent }: Options,
): Promise<string> {
  if (chunk !== undefined) {
    await database.rows(
      "select public.set_chunk_time_interval($1::text::regclass, $2::text::interval)",
      [`public.${table}`, chunk],
    );
  }
  const source = tablesOf("sark_audit", {
    scale: "M",
    seed: 1,
    now: NOW,
    eventIds: ids,
    sizes: { days, users, auditEvents: rows, policyEvaluations: rows },
  }).find((candidate) => candidate.table === table);
  if (source === undefined) throw new Error(`the generator has no rows for ${table}`);
  await database.rows(DISABLE_TRIGGERS);
  await loadTable(database.copyIn, independent ? source : groupByUserSession(source, 1), {
    onProgress: (done) => process.stderr.write(`\r${table}: ${done} rows`),
  });
  await database.rows(ENABLE_TRIGGERS);
  // On by default since TimescaleDB 2.23, but not in the embedded build.
  await database.rows("set timescaledb.enable_uuid_compression = on");

  const before = await measureBefore(database, table);
  // A working day. The newest day lacks the few late rows, so it is used only if it is the only one.
  const day = new Date(NOW.getTime() - (days > 1 ? 2 : 1) * 86_400_000).toISOString();
  const measured: Result[] = [];
  for (const layout of layouts) {
    measured.push({
      layout,
      ...(await measure(database, table, before, { layout, lookUps, day })),
    });
    process.stderr.write(`\r${table}: ${measured.length} of ${layouts.length} layouts\n`);
  }
  const title = `\`${table}\`, ${days} days, ${users.toLocaleString("en")} users, ids of version ${ids.slice(1)}, ${independent ? "independent rows" : "rows in user sessions"}`;
  return report(title, before, measured, lookUps, await shippedLayout(database, table));
}

async function shippedLayout(database: EmbeddedTimescale, table: Hypertable): Promise<Layout> {
  const [row] = await database.rows(
    `select segmentby, orderby from timescaledb_information.hypertable_columnstore_settings
      where hypertable = $1::text::regclass`,
    [`public.${table}`],
  );
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    segmentBy: text(row?.["segmentby"]).replaceAll(",", ", "),
    orderBy: text(row?.["orderby"])
      .replaceAll('"', "")
      .replaceAll(",", ", ")
      .replaceAll(" DESC", " desc"),
  };
}

void main();
