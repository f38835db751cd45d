/** What is to be done in `sark_audit` after its past was loaded. */
import type { Client } from "pg";

/**
 * Computes every continuous aggregate anew, those that others are built on first, up to the last bucket that is over.
 * The session is in no transaction. By force: it does not matter what TimescaleDB has noted of the rows.
 */
export async function refreshed(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    select pg_catalog.format('%I.%I', user_view_schema, user_view_name) as name
      from _timescaledb_catalog.continuous_agg order by mat_hypertable_id`);
  for (const row of rows) {
    const name = row.name.replaceAll("'", "''");
    await client.query(
      `call public.refresh_continuous_aggregate('${name}', null, pg_catalog.now(), force => true)`,
    );
  }
}
