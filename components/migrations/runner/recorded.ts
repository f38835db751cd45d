import type { Client } from "pg";
import { AUTH_SCHEMA } from "../../pool/plan/auth-query-plan";
import { TEMPORARY_SCHEMA } from "../../roles/plan/temporary-right";
import { readSchema } from "../../database-layer/catalog";
import { relationExists } from "./invalid-indexes";
import { LEDGER_SCHEMA } from "./ledger";

/** The schema as the repository's dump has it, and the files that make it. */
export interface RecordedSchema {
  readonly dump: string;
  readonly files: readonly string[];
}

/** What a database holds of what its files make: all of it but what the layer and the runner have of their own. */
export function readPresentSchema(client: Client): Promise<string> {
  return readSchema(client, [LEDGER_SCHEMA, AUTH_SCHEMA, TEMPORARY_SCHEMA]);
}

/** Keeps what a database should be like from now on: the files' own result, whatever the database is really like. */
export async function recordSchema(client: Client, { dump, files }: RecordedSchema): Promise<void> {
  await client.query(
    `insert into ${LEDGER_SCHEMA}.schema as s (dump, files) values ($1, $2)
     on conflict (only_row) do update
        set dump = excluded.dump, files = excluded.files, recorded_at = pg_catalog.clock_timestamp()
      where (s.dump, s.files) is distinct from (excluded.dump, excluded.files)`,
    [dump, files],
  );
}

/** Undefined where no run was ever complete, or an earlier version of this project made it. */
export async function readRecordedSchema(client: Client): Promise<RecordedSchema | undefined> {
  if (!(await relationExists(client, `${LEDGER_SCHEMA}.schema`))) return undefined;
  const { rows } = await client.query<RecordedSchema>(
    `select dump, files from ${LEDGER_SCHEMA}.schema`,
  );
  return rows[0];
}
