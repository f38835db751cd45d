import type { Hypertable } from "../../components/hypertables/plan/hypertable-facts";
import type { Layout, LookUp } from "./candidates";

/** A superuser's session. */
export interface Session {
  rows(text: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/** Size of all chunks before compression: rows, indexes and TOAST. */
export interface Before {
  readonly rows: number;
  readonly bytes: number;
  readonly chunks: number;
}

/** Measurements of one layout on the same rows. */
export interface Measured {
  /** Size after compression: compressed rows with indexes, and the emptied chunks. */
  readonly bytes: number;
  /** Saved share of the bytes before, from 0 to 1; negative if the size grew. */
  readonly saved: number;
  /** Number of batches. Each holds up to 1,000 rows of one segment. */
  readonly batches: number;
  /** Pages that each lookup reads, from memory or disk, and rows that it finds. */
  readonly lookUps: readonly { readonly pages: number; readonly rows: number }[];
}

export async function measureBefore(session: Session, table: Hypertable): Promise<Before> {
  const [size] = await session.rows(
    `select sum(pg_total_relation_size(c))::float8 as bytes, count(*)::int as chunks
       from public.show_chunks($1::regclass) as c`,
    [`public.${table}`],
  );
  const [count] = await session.rows(`select count(*)::int as rows from public.${table}`);
  return {
    rows: Number(count?.["rows"]),
    bytes: Number(size?.["bytes"]),
    chunks: Number(size?.["chunks"]),
  };
}

interface Measuring {
  readonly layout?: Layout;
  readonly lookUps?: readonly LookUp[];
  readonly day?: string;
}

/**
 * Compresses all chunks with a layout, measures, and rolls back, so that every layout is measured on the same chunks.
 * @param layout @default - the hypertable's settings
 * @param lookUps queries on the compressed rows
 * @param day start of a day of the data, for the lookups
 */
export async function measure(
  session: Session,
  table: Hypertable,
  before: Before,
  { layout, lookUps = [], day = "" }: Measuring = {},
): Promise<Measured> {
  await session.rows("begin");
  try {
    if (layout !== undefined) {
      await session.rows(
        `alter table public.${table} set (timescaledb.segmentby = '${layout.segmentBy}', timescaledb.orderby = '${layout.orderBy}')`,
      );
    }
    await session.rows(
      `select public.compress_chunk(c) from public.show_chunks('public.${table}') as c`,
    );
    const [after] = await session.rows(
      `select (select sum(pg_total_relation_size(c)) from public.show_chunks($1::regclass) as c)::float8
                + s.after_compression_total_bytes::float8 as bytes,
              (select sum(z.numrows_post_compression)
                 from _timescaledb_catalog.compression_chunk_size as z
                 join _timescaledb_catalog.chunk as k on k.id = z.chunk_id
                 join _timescaledb_catalog.hypertable as h on h.id = k.hypertable_id
                where h.schema_name = 'public' and h.table_name = $2)::int as batches
         from public.hypertable_columnstore_stats($1::regclass) as s`,
      [`public.${table}`, table],
    );
    const bytes = Number(after?.["bytes"]);
    const looked = [];
    for (const { sql } of lookUps)
      looked.push(await look(session, sql.replaceAll(":day", `'${day}'`)));
    return {
      bytes,
      saved: 1 - bytes / before.bytes,
      batches: Number(after?.["batches"]),
      lookUps: looked,
    };
  } finally {
    await session.rows("rollback");
  }
}

/** Runs a lookup and counts its pages. Its scalar subqueries run beforehand and are not counted. */
async function look(session: Session, sql: string): Promise<{ pages: number; rows: number }> {
  const [chosen] = await session.rows(
    `explain (analyze, buffers, timing off, costs off, format json) ${await withValues(session, sql)}`,
  );
  const [{ Plan: plan }] = Object.values(chosen ?? {})[0] as [{ Plan: Record<string, number> }];
  return {
    pages: (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0),
    rows: plan["Actual Rows"] ?? 0,
  };
}

/** The statement with its first `= (select ...)` replaced by the result. */
async function withValues(session: Session, sql: string): Promise<string> {
  const at = sql.indexOf("= (");
  if (at < 0) return sql;
  let depth = 0;
  let end = at + 2;
  do {
    depth += { "(": 1, ")": -1 }[sql.charAt(end)] ?? 0;
    end++;
  } while (depth > 0);
  const [row] = await session.rows(`select ${sql.slice(at + 2, end)}::text as value`);
  return `${sql.slice(0, at)}= '${String(row?.["value"])}'${sql.slice(end)}`;
}
