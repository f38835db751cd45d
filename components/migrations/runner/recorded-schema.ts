import type { Client } from "pg";
import { AUTH_SCHEMA } from "../../pool/plan/auth-query-plan";
import { TEMPORARY_SCHEMA } from "../../roles/plan/temporary-privilege";
import { readSchema } from "../../database-layer/catalog";
import { relationExists } from "./invalid-indexes";
import { LEDGER_SCHEMA } from "./ledger";

/** The schema in the repository's dump, and the files that make it. */
export interface RecordedSchema {
  readonly dump: string;
  readonly files: readonly string[];
}

/** Current schema of a database, without the schemas of the database layer and the runner. */
export function readCurrentSchema(client: Client): Promise<string> {
  return readSchema(client, [LEDGER_SCHEMA, AUTH_SCHEMA, TEMPORARY_SCHEMA]);
}

/** Records the schema that a database should have: the result of the files, not the database's actual schema. */
export async function recordSchema(client: Client, { dump, files }: RecordedSchema): Promise<void> {
  await client.query(
    `insert into ${LEDGER_SCHEMA}.schema as s (dump, files) values ($1, $2)
     on conflict (only_row) do update
        set dump = excluded.dump, files = excluded.files, recorded_at = pg_catalog.clock_timestamp()
      where (s.dump, s.files) is distinct from (excluded.dump, excluded.files)`,
    [dump, files],
  );
}

/** Undefined when no run has completed, or the ledger is of an earlier version of this project. */
export async function readRecordedSchema(client: Client): Promise<RecordedSchema | undefined> {
  if (!(await relationExists(client, `${LEDGER_SCHEMA}.schema`))) return undefined;
  const { rows } = await client.query<RecordedSchema>(
    `select dump, files from ${LEDGER_SCHEMA}.schema`,
  );
  return rows[0];
}
