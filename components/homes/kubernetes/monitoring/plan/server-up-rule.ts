import type { RecordingRule } from "../../../../objectives/plan/alert-rules";
import { SERVER_LABELS } from "../../../../objectives/plan/expression";
import { PREFIX } from "../../../../objectives/plan/metric-queries";
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import { DERIVED_COLUMN } from "./operator-queries";

/**
 * Records whether each server of a cluster answers. The exporter still answers while PostgreSQL is down: then a query
 * has no result, and `cnpg_collector_up` is 0. While a server is fenced, which stops PostgreSQL,
 * `cnpg_collector_up` keeps its last value.
 */
export function serverUpRule(stack: string, database: DatabaseName): RecordingRule {
  const byServer = (metric: string) =>
    `max by (${SERVER_LABELS.join(", ")}) (${metric}{stack="${stack}",database="${database}"})`;
  return {
    record: `${PREFIX}${DERIVED_COLUMN}`,
    expr: `${byServer("cnpg_collector_up")} * (1 - ${byServer("cnpg_collector_fencing_on")})`,
    labels: { stack, database },
  };
}
