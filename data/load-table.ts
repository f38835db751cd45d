/** Fills tables by COPY, with no more of them in memory than a few chunks. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from } from "pg-copy-streams";
import { copyText } from "./copy-text";
import type { DataTable, Row } from "./table";

/**
 * Runs one `copy ... from stdin` with its text. It reads the text no faster than the server takes it.
 * @throws what the server refuses; no row of the statement is there then
 */
export type CopyIn = (statement: string, text: Iterable<string>) => Promise<void>;

/**
 * For a superuser's session, before it loads a database of which no aggregate was refreshed yet: no trigger fires, which
 * is quicker. Foreign keys are not checked then, and TimescaleDB (before 2.23.0) does not note which hours of an
 * aggregate have changed, so that one refreshed earlier stays without those rows. Undone by {@link AS_EVER}.
 */
export const AS_HISTORY = "set session_replication_role = replica";
/** Triggers fire again. */
export const AS_EVER = "set session_replication_role = origin";

/** Rows of one statement; the embedded TimescaleDB holds those of one in memory. */
const ROWS_PER_COPY = 20_000;
/** Chunks that wait for the socket. */
const WAITING = 4;

/** COPY over a connection. */
export function copyOver(client: Client): CopyIn {
  return async (statement, text) => {
    const source = Readable.from(text, { objectMode: true, highWaterMark: WAITING });
    await pipeline(source, client.query(from(statement)));
  };
}

/** Appends all of a table's rows. Answers with how many they are. @param onProgress called after each statement */
export async function loadTable(
  copyIn: CopyIn,
  data: DataTable,
  { onProgress }: { readonly onProgress?: (rows: number) => void } = {},
): Promise<number> {
  const rows: Iterator<Row, unknown> = data.rows()[Symbol.iterator]();
  let next = rows.next();
  let taken = 0;
  const rowsOfOneCopy = function* (): Generator<Row> {
    for (let i = 0; i < ROWS_PER_COPY && next.done !== true; i++) {
      yield next.value;
      taken++;
      next = rows.next();
    }
  };
  while (next.done !== true) {
    const columns = Object.keys(next.value).join(", ");
    await copyIn(`copy public.${data.table} (${columns}) from stdin`, copyText(rowsOfOneCopy()));
    onProgress?.(taken);
  }
  return taken;
}
