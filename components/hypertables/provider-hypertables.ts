import { type ConnectionInput, databaseProvider } from "../connections/provider-connection";

export interface HypertablesInputs {
  readonly connection: ConnectionInput;
  /** Role that owns the hypertables. */
  readonly owner: string;
  /** Hypertable to the interval of new chunks, such as `audit_events: "6 hours"`. */
  readonly chunkInterval: Readonly<Record<string, string>>;
  /** Hypertable to the age at which chunks are dropped, such as `audit_events: "90 days"`. */
  readonly dropAfter: Readonly<Record<string, string>>;
}

/**
 * Sets chunk intervals and retention of hypertables. A database without this resource keeps those of the migrations. A
 * stack's own figures are inputs, so that a preview shows a shorter retention, which deletes data.
 */
export const hypertablesProvider = databaseProvider<HypertablesInputs>(
  "hypertables",
  { connection: true, owner: true, chunkInterval: true, dropAfter: true },
  async (client, { owner, chunkInterval, dropAfter }) => {
    await client.query(`set local role ${client.escapeIdentifier(owner)}`);
    for (const [table, interval] of Object.entries(chunkInterval)) {
      await client.query(
        `select public.set_chunk_time_interval(pg_catalog.format('public.%I', $1::text)::regclass, $2::interval)`,
        [table, interval],
      );
    }
    for (const [table, age] of Object.entries(dropAfter)) {
      const { rowCount } = await client.query(
        `select public.alter_job(job_id,
                  config => pg_catalog.jsonb_set(config, '{drop_after}', pg_catalog.to_jsonb($2::text)))
           from timescaledb_information.jobs
          where proc_name = 'policy_retention' and hypertable_schema = 'public' and hypertable_name = $1`,
        [table, age],
      );
      if (rowCount !== 1) {
        throw new Error(
          `${table} has ${String(rowCount)} retention policies; its migration must create exactly one`,
        );
      }
    }
  },
);
