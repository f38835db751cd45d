import type * as pulumi from "@pulumi/pulumi";
import { type ConnectionInput, withClient } from "./connection";

export interface RetentionPoliciesInputs {
  readonly connection: ConnectionInput;
  /** Role that owns the hypertables. */
  readonly owner: string;
  /** Hypertable to the age at which its chunks are dropped, such as `audit_events: "90 days"`. */
  readonly dropAfter: Readonly<Record<string, string>>;
}

/**
 * How long each hypertable keeps its rows. The migrations make the policies with the guide's figures; this resource sets
 * what a stack says instead, so that a shorter retention, which deletes data, is a visible change in a preview.
 */
export const retentionPoliciesProvider: pulumi.dynamic.ResourceProvider<
  RetentionPoliciesInputs,
  RetentionPoliciesInputs
> = {
  async create(inputs) {
    await apply(inputs);
    return { id: `${inputs.connection.database}-retention`, outs: inputs };
  },

  async update(_id, _olds, news) {
    await apply(news);
    return { outs: news };
  },

  // The policies belong to the hypertables and go with them.
  delete: () => Promise.resolve(),
};

async function apply(inputs: RetentionPoliciesInputs): Promise<void> {
  await withClient(inputs.connection, async (client) => {
    await client.query("begin");
    await client.query(`set local role ${client.escapeIdentifier(inputs.owner)}`);
    for (const [table, age] of Object.entries(inputs.dropAfter)) {
      const { rowCount } = await client.query(
        `select public.alter_job(job_id,
                  config => pg_catalog.jsonb_set(config, '{drop_after}', pg_catalog.to_jsonb($2::text)))
           from timescaledb_information.jobs
          where proc_name = 'policy_retention' and hypertable_schema = 'public' and hypertable_name = $1`,
        [table, age],
      );
      if (rowCount !== 1) {
        throw new Error(
          `${table} has ${String(rowCount)} retention policies; its migration must make exactly one`,
        );
      }
    }
    await client.query("commit");
  });
}
