/** Maximum cost of each hot query of `sark_audit`, used by tests/sql/queries-audit. */

/** Scale S, over more days than chunks stay uncompressed, with chunks of decisions large enough to need an index. */
export const SIZES = { days: 10, auditEvents: 60_000, policyEvaluations: 100_000 };

/** Pages from the root of a B-tree to a leaf. */
const DEPTH = 3;
/** Number of chunks that a week and a day reach into. */
const DAYS = 8;
const QUARTERS = 8;
/** Pages of a descent in each chunk, with each row in its own page. */
export const inChunks = (chunks: number, rows: number): number => chunks * (DEPTH + 1) + rows;

export interface HotAuditQuery {
  readonly query: string;
  /** Without the chunk's name. */
  readonly indexes: readonly string[];
  readonly pages: number;
  readonly values?: Readonly<Record<string, string>>;
  /** As for a search in `sark`: no generic plan is right for all values. */
  readonly search?: true;
}

const LATELY = "time >= now() - interval '7 days'";
const RARE_USER = `select user_id from public.audit_events where ${LATELY} and user_id is not null
  group by 1 having count(*) between 40 and 90 order by 1 limit 1`;
const KEEN_USER = `select user_id from public.policy_evaluations where time >= now() - interval '1 day'
  group by 1 having count(*) between 20 and 90 order by 1 limit 1`;
const RESOURCE = `select resource_id from public.audit_events where resource_type = 'server' and ${LATELY}
  group by 1 having count(*) between 2 and 20 order by 1 limit 1`;
const REPORTED = `select audit_event_id from public.siem_events where ${LATELY} order by time limit 1`;
const POLICY = `select policy_name from public.policy_evaluations
  group by 1 order by count(*) desc offset 10 limit 1`;

export const HOT_AUDIT_QUERIES: readonly HotAuditQuery[] = [
  {
    query: "events-of-user",
    indexes: ["audit_events_user_id_time_idx"],
    pages: inChunks(DAYS, 90),
    values: { user_id: RARE_USER },
  },
  {
    query: "events-of-user-by-hour",
    indexes: ["audit_events_user_id_time_idx"],
    pages: inChunks(DAYS, 90),
    values: { user_id: RARE_USER },
  },
  {
    query: "events-by-type",
    indexes: ["audit_events_event_type_time_idx"],
    pages: inChunks(DAYS, 100),
    values: { event_type: "select 'login.failed'" },
  },
  {
    query: "events-by-status",
    indexes: ["audit_events_status_time_idx"],
    pages: inChunks(DAYS, 100),
    values: { status: "select 'error'" },
  },
  {
    query: "events-of-resource",
    indexes: ["audit_events_resource_time_idx"],
    pages: inChunks(DAYS, 20),
    values: { resource_type: "select 'server'", resource_id: RESOURCE },
  },
  // All matches are found and then sorted: about a quarter of a per cent of the rows.
  {
    query: "events-by-detail",
    indexes: ["audit_events_details_idx"],
    pages: inChunks(DAYS, 250),
    values: { details: `select '{"reason": "second factor is too old"}'` },
    search: true,
  },
  {
    query: "denied-decisions",
    indexes: ["policy_evaluations_denied_time_idx"],
    pages: inChunks(QUARTERS, 100),
  },
  {
    query: "decisions-of-policy",
    indexes: ["policy_evaluations_policy_name_time_idx"],
    pages: inChunks(QUARTERS, 100),
    values: { policy_name: POLICY },
  },
  {
    query: "decisions-of-user",
    indexes: ["policy_evaluations_user_id_time_idx"],
    pages: inChunks(QUARTERS, 90),
    values: { user_id: KEEN_USER },
  },
  // In compressed chunks, at most a row for each of their 20 batches, and the filter column's page.
  {
    query: "deliveries-of-event",
    indexes: ["siem_events_audit_event_id_time_idx"],
    pages: inChunks(DAYS, 4) + 3 * 2 * 20,
    values: { audit_event_id: REPORTED },
  },
  {
    query: "failed-deliveries",
    indexes: ["siem_events_destination_status_time_idx"],
    pages: inChunks(DAYS, 100),
    values: { destination: "select 'splunk'", within: "select '7 days'" },
  },
  // Hours of seven days, and the events of the last hour.
  {
    query: "policy-stats-by-hour",
    indexes: ["hour", "policy_evaluations_policy_name_time_idx"],
    pages: inChunks(2, 7 * 24 + 200),
    values: { policy_name: POLICY },
  },
];
