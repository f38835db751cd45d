import type { Client, QueryResult } from "pg";
import { shortened } from "../../text/printable";
import { readBackupSql } from "../backup-sql";
import type { Outcome } from "../plan/check-result";

interface Fault {
  readonly relation: string;
  readonly fault: string;
}

/** Faults that a result lists. */
const SHOWN = 5;

/** Characters of a fault. */
const WIDTH = 200;

/** Reads every table and B-tree index by the extension amcheck, and looks for pages with a wrong checksum. */
export async function checkPages(client: Client): Promise<Outcome> {
  await client.query("begin");
  try {
    // One result for each statement, of which only the last has rows.
    const results: unknown = await client.query(readBackupSql("check-pages"));
    const faults = (results as readonly QueryResult<Fault>[]).flatMap(({ rows }) => rows);
    const { rows } = await client.query<{ checksums: string }>(
      "select pg_catalog.current_setting('data_checksums') as checksums",
    );
    if (faults.length === 0) {
      const off = rows[0]?.checksums === "on" ? "" : "; the server has no page checksums";
      return { passed: true, detail: `no fault in tables and B-tree indexes${off}` };
    }
    const shown = faults.slice(0, SHOWN).map(({ relation, fault }) => `${relation}: ${fault}`);
    const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : [];
    return {
      passed: false,
      detail: [...shown, ...more].map((text) => shortened(text, WIDTH)).join("; "),
    };
  } finally {
    await client.query("rollback");
  }
}
