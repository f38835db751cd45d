/** All tables of a database, in loading order. */
import { HYPERTABLES, type PerHypertable } from "../components/hypertables/plan/hypertable-facts";
import type { DatabaseName } from "../components/roles/plan/role-plan";
import type { DataTable, Row } from "./table";
import { apiKeys } from "./tables/api-keys";
import { auditEvents } from "./tables/audit-events";
import { drawnRows } from "./tables/drawn-rows";
import { policies, versionsOfPolicies } from "./tables/policies";
import { policyEvaluations } from "./tables/policy-evaluations";
import { rateLimits } from "./tables/rate-limits";
import { servers } from "./tables/servers";
import { sessions } from "./tables/sessions";
import { siemEvents } from "./tables/siem-events";
import { users } from "./tables/users";
import { type DataOptions, GeneratedWorld } from "./world";

type Generate = (world: GeneratedWorld) => Iterable<Row>;

/** Hypertables whose rows depend on more than a list of values for each column. */
const GENERATORS: Partial<PerHypertable<Generate>> = {
  audit_events: auditEvents,
  policy_evaluations: policyEvaluations,
  siem_events: siemEvents,
};

const TABLES: Readonly<Record<DatabaseName, Readonly<Record<string, Generate>>>> = {
  sark: {
    users,
    servers,
    sessions,
    policies,
    policy_versions: versionsOfPolicies,
    api_keys: apiKeys,
    rate_limits: rateLimits,
  },
  sark_audit: Object.fromEntries(
    HYPERTABLES.map((table) => [table, GENERATORS[table] ?? drawnRows(table)]),
  ),
};

/** The tables to load into a database. The same options always make the same bytes, also for a single table. */
export function tablesOf(database: DatabaseName, options: DataOptions): readonly DataTable[] {
  const world = new GeneratedWorld(options);
  return Object.entries(TABLES[database]).map(([table, generate]) => ({
    table,
    rows: () => generate(world),
  }));
}
