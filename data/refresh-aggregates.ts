/** Work in `sark_audit` after loading historical data. */
import type { Client } from "pg";

/**
 * Refreshes every continuous aggregate up to the last complete bucket, base aggregates first. The session must be
 * outside a transaction. The refresh is forced, so it does not depend on TimescaleDB's invalidation log.
 */
export async function refreshAggregates(client: Client): Promise<void> {
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
