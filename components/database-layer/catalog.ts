/**
 * Renders a database's catalog as text. Equal catalogs give equal text, for comparing two engines and for the golden
 * dumps next to the migrations. Sorted, schema-qualified, without OIDs, statistics, chunks or extension objects. It
 * reads no passwords, nor whether they exist.
 */
import { SCHEMA_QUERIES } from "./catalog-schema";
import { TIMESCALE_QUERIES } from "./catalog-timescale";

/** One line about an object; rows of a query are in display order. */
export interface CatalogRow {
  /** Kind and name, such as `table public.users`; lines are grouped by it. */
  readonly object: string;
  /** May contain line breaks. */
  readonly line: string | null;
}

/** Client for reading the catalog: `pg`'s client, PGlite or similar, outside a transaction. */
export interface CatalogReader {
  query(text: string): Promise<{ readonly rows: readonly CatalogRow[] }>;
}

/**
 * Reads the migrated schema: schemas, tables, views, sequences, functions and types, with columns, constraints,
 * indexes, triggers, storage parameters, comments, owners and privileges; for TimescaleDB also hypertables, column
 * stores, jobs and continuous aggregates. An owner's own privileges are left out.
 * @param without additional schemas to leave out, such as the migration ledger's
 */
export async function readSchema(
  reader: CatalogReader,
  without: readonly string[] = [],
): Promise<string> {
  return inSnapshot(reader, async () => {
    const plain = await renderObjects(
      reader,
      SCHEMA_QUERIES.map((query) => query(without)),
    );
    const { rows } = await reader.query(
      `select extname as object, null as line from pg_extension where extname = 'timescaledb'`,
    );
    return rows.length === 0
      ? plain
      : `${plain}\n${await renderObjects(reader, TIMESCALE_QUERIES)}`;
  });
}

/**
 * Runs all queries in one snapshot. The empty search path makes PostgreSQL qualify every name; the other settings fix
 * the format of values.
 */
export async function inSnapshot(
  reader: CatalogReader,
  read: () => Promise<string>,
): Promise<string> {
  await reader.query("begin isolation level repeatable read read only");
  try {
    await reader.query("set local search_path = ''");
    await reader.query("set local intervalstyle = 'postgres'");
    await reader.query("set local quote_all_identifiers = off");
    return await read();
  } finally {
    await reader.query("rollback");
  }
}

/** Runs queries and renders a paragraph for each object. */
export async function renderObjects(
  reader: CatalogReader,
  queries: readonly string[],
): Promise<string> {
  const objects = new Map<string, string[]>();
  for (const query of queries) {
    const { rows } = await reader.query(query);
    for (const { object, line } of rows) {
      const lines = objects.get(object) ?? [];
      if (line !== null) lines.push(indent(line));
      objects.set(object, lines);
    }
  }
  return [...objects]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([object, lines]) => [object, ...lines].join("\n") + "\n")
    .join("\n");
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}
