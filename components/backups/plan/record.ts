/** Records of what a database held when it was backed up, and their comparison with what a restored one holds. */
import { quoted } from "../../text/printable";

export interface TableRecord {
  /** Schema and name, such as `public.users`. */
  readonly table: string;
  readonly rows: number;
  /** Sum of the hashes of all rows; it does not depend on their order. */
  readonly checksum: string;
}

/** What each table held in one snapshot. `sql/backups/record-statement.sql` makes it. */
export interface BackupRecord {
  readonly database: string;
  readonly systemIdentifier: string;
  /** Recovery to here, exclusive, gives the rows of the record, if it is exact. */
  readonly lsn: string | undefined;
  /** When the snapshot was taken: ISO 8601, in UTC. */
  readonly time: string;
  /** False if transactions were writing when the snapshot was taken: what they did may be restored as well. */
  readonly exact: boolean;
  /** Time of the newest row: ISO 8601, in UTC. Undefined without rows. */
  readonly newest: string | undefined;
  readonly tables: readonly TableRecord[];
}

/** A table whose rows are not those of the record. */
export interface RecordDifference {
  readonly table: string;
  /** A clause, such as `2 of 100 rows missing`. */
  readonly detail: string;
}

/** Reads the answer of the record's statement. */
export function readRecord(json: string, exact: boolean): BackupRecord {
  // Written by our own statement.
  const { newest, lsn, ...rest } = JSON.parse(json) as Omit<BackupRecord, "newest" | "lsn"> &
    Record<"newest" | "lsn", string | null>;
  return { ...rest, lsn: lsn ?? undefined, newest: newest ?? undefined, exact };
}

/**
 * Compares restored tables with a record. A table that the record does not have is no difference here: the check of the
 * catalog finds it.
 *
 * If the record is not exact, restored tables may have more rows, or changed ones: those of the transactions that were
 * writing. They may also have deleted some, so up to a hundredth may be missing, and up to a hundred.
 */
export function compareRecords(
  { tables, exact }: Pick<BackupRecord, "tables" | "exact">,
  restored: readonly TableRecord[],
): readonly RecordDifference[] {
  const found = new Map(restored.map((each) => [each.table, each]));
  return tables.flatMap((wanted) => {
    const detail = difference(wanted, found.get(wanted.table), exact);
    return detail === undefined ? [] : [{ table: wanted.table, detail }];
  });
}

function difference(
  wanted: TableRecord,
  found: TableRecord | undefined,
  exact: boolean,
): string | undefined {
  if (found === undefined) return "the table is missing";
  const more = found.rows - wanted.rows;
  if (more < (exact ? 0 : -tolerance(wanted.rows)))
    return `${-more} of ${wanted.rows} rows missing`;
  if (!exact) return undefined;
  if (more > 0) return `${more} rows more than the ${wanted.rows} of the record`;
  if (found.checksum !== wanted.checksum) return `${wanted.rows} rows, but not the same ones`;
  return undefined;
}

/** Rows that transactions may have deleted while a record was made. */
function tolerance(rows: number): number {
  return Math.max(100, Math.floor(rows / 100));
}

/** Differences as one line. */
export function differencesText(differences: readonly RecordDifference[]): string {
  return differences.map(({ table, detail }) => `${quoted(table)}: ${detail}`).join("; ");
}
