/** What is to be done in `sark_audit` after its past was loaded. */

/** What {@link refreshed} needs of a session, outside of a transaction. */
interface Session {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * Computes every continuous aggregate anew, those that others are built on first, up to the last bucket that is over.
 * By force: it does not matter what TimescaleDB has noted of the rows.
 */
export async function refreshed(session: Session): Promise<void> {
  const { rows } = await session.query(`
    select pg_catalog.format('%I.%I', user_view_schema, user_view_name) as name
      from _timescaledb_catalog.continuous_agg order by mat_hypertable_id`);
  for (const row of rows) {
    const name = nameOf(row).replaceAll("'", "''");
    await session.query(
      `call public.refresh_continuous_aggregate('${name}', null, pg_catalog.now(), force => true)`,
    );
  }
}

function nameOf(row: unknown): string {
  if (typeof row === "object" && row !== null && "name" in row) return String(row.name);
  throw new Error("an aggregate without a name");
}
