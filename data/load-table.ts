/** Fills tables by COPY, with only a few chunks in memory. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from } from "pg-copy-streams";
import { copyText } from "./copy-text";
import type { DataTable, Row } from "./table";

/**
 * Runs one `copy ... from stdin` with its text. It reads the text no faster than the server accepts it.
 * @throws the server's error; the statement has then inserted no row
 */
export type CopyIn = (statement: string, text: Iterable<string>) => Promise<void>;

/**
 * Turns off triggers in a superuser's session, to load a database faster before its aggregates are first refreshed.
 * Foreign keys are not checked. TimescaleDB before 2.23.0 does not record invalidations, so an aggregate refreshed
 * earlier lacks these rows. Undone by {@link ENABLE_TRIGGERS}.
 */
export const DISABLE_TRIGGERS = "set session_replication_role = replica";
/** Turns triggers on again. */
export const ENABLE_TRIGGERS = "set session_replication_role = origin";

/** Maximum rows of one statement, which the embedded TimescaleDB holds in memory. */
const ROWS_PER_COPY = 20_000;
/** Maximum chunks waiting for the socket. */
const MAX_WAITING = 4;

/** COPY over a connection. */
export function copyOver(client: Client): CopyIn {
  return async (statement, text) => {
    const source = Readable.from(text, { objectMode: true, highWaterMark: MAX_WAITING });
    await pipeline(source, client.query(from(statement)));
  };
}

/** Appends all rows of a table, and returns their number. @param onProgress called after each statement */
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
