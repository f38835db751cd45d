import { type Client, DatabaseError } from "pg";
import { TEMPORARY_SCHEMA } from "../../roles/plan/temporary-privilege";

/** Whether creating a temporary table was denied: the session's first, or a later one. */
export function isTemporaryDenied(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.code !== "42501") return false;
  return error.routine === "InitTempTableNamespace" || /\bpg_temp_\d+\b/.test(error.message);
}

/**
 * Runs work with the TEMPORARY privilege, in a transaction; afterwards it is revoked and the role is reset to the
 * login's. When the stack did not create the function, as on an external server, the role's own privileges decide.
 */
export async function withTemporaryTables(
  client: Client,
  role: string,
  work: () => Promise<void>,
): Promise<void> {
  await client.query("reset role");
  const { rows } = await client.query<{ there: boolean }>(
    `select exists (select from pg_catalog.pg_proc as p
                     where p.pronamespace = pg_catalog.to_regnamespace('${TEMPORARY_SCHEMA}')
                       and p.proname = 'allow') as there`,
  );
  const allow = async (allowed: boolean): Promise<void> => {
    if (rows[0]?.there) await client.query(`select ${TEMPORARY_SCHEMA}.allow(${allowed})`);
  };
  await allow(true);
  await client.query(`set role ${client.escapeIdentifier(role)}`);
  await work();
  await client.query("reset role");
  await allow(false);
}
