import { type Client, DatabaseError } from "pg";
import { TEMPORARY_SCHEMA } from "../../roles/plan/temporary-right";

/** Whether a temporary table was refused: the session's first, or a later one. */
export function lacksTemporary(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.code !== "42501") return false;
  return error.routine === "InitTempTableNamespace" || /\bpg_temp_\d+\b/.test(error.message);
}

/**
 * Does work with the right to make temporary tables, in a transaction; afterwards nobody has it, and the session's role is
 * the login's. Where the stack has not made the function, as on another's server, the role has the right or has it not.
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
