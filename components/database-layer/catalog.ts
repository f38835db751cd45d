/**
 * A database's catalog as text that is the same whenever the catalog is: what two engines must leave alike, and what
 * the golden dumps beside the migrations hold. Sorted, schema-qualified, without OIDs, statistics, chunks or anything
 * that an extension owns. It reads no password, nor whether there is one.
 */
import { SCHEMA_QUERIES } from "./catalog-schema";
import { TIMESCALE_QUERIES } from "./catalog-timescale";

/** One line about one object; rows of a query come in the order in which they are to be shown. */
export interface CatalogRow {
  /** Kind and name, such as `table public.users`; lines of one object are gathered under it. */
  readonly object: string;
  /** May hold line breaks. */
  readonly line: string | null;
}

/** What the catalog is read with: `pg`'s client, PGlite, or anything alike, outside a transaction. */
export interface CatalogReader {
  query(text: string): Promise<{ readonly rows: readonly CatalogRow[] }>;
}

/**
 * What the migrations made: schemas, tables, views, sequences, functions, types, with columns, constraints, indexes,
 * triggers, storage parameters, comments, owners and privileges; for TimescaleDB hypertables, column stores, jobs and
 * continuous aggregates. An owner's own privileges are not listed.
 * @param without schemas to leave out besides the system's, such as the migrations' own ledger
 */
export async function readSchema(
  reader: CatalogReader,
  without: readonly string[] = [],
): Promise<string> {
  return inSnapshot(reader, async () => {
    const plain = await gather(
      reader,
      SCHEMA_QUERIES.map((query) => query(without)),
    );
    const { rows } = await reader.query(
      `select extname as object, null as line from pg_extension where extname = 'timescaledb'`,
    );
    return rows.length === 0 ? plain : `${plain}\n${await gather(reader, TIMESCALE_QUERIES)}`;
  });
}

/** All queries see one state; the empty search path makes PostgreSQL qualify every name, and the rest fixes how values look. */
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

/** What queries find, a paragraph for each object. */
export async function gather(reader: CatalogReader, queries: readonly string[]): Promise<string> {
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
