import type { Hypertable, PerHypertable } from "../../components/hypertables/plan/hypertable-facts";

/** A columnstore layout. */
export interface Layout {
  /** Value of `timescaledb.segmentby`; empty for none. */
  readonly segmentBy: string;
  /** Value of `timescaledb.orderby`. */
  readonly orderBy: string;
}

/** A query of old, compressed rows. `:day` is replaced by the start of a day of the data, as a literal. */
export interface LookUp {
  readonly name: string;
  readonly sql: string;
}

export interface Comparison {
  readonly layouts: readonly Layout[];
  readonly lookUps: readonly LookUp[];
}

const layout = (segmentBy: string, orderBy: string): Layout => ({ segmentBy, orderBy });

const DAY = "time >= :day and time < :day::timestamptz + interval '1 day'";
const HOUR =
  "time >= :day::timestamptz + interval '12 hours' and time < :day::timestamptz + interval '13 hours'";

/** The median user of that day by number of rows. */
const medianUser = (table: Hypertable): string => `(
  select user_id from public.${table} where user_id is not null and ${DAY}
   group by user_id order by count(*), user_id
  offset (select count(distinct user_id) / 2 from public.${table} where ${DAY}) limit 1)`;

/** The layouts to compare, including the guide's own, by type and user. */
export const COMPARISONS: Partial<PerHypertable<Comparison>> = {
  audit_events: {
    layouts: [
      layout("event_type", "time desc"),
      layout("event_type", "user_id, time desc"),
      layout("event_type", "resource_id, time desc"),
      layout("", "time desc"),
      layout("", "user_id, time desc"),
      layout("", "resource_type, resource_id, time desc"),
      layout("resource_type", "time desc"),
      layout("resource_type", "user_id, time desc"),
      layout("resource_type", "resource_id, time desc"),
      layout("event_type, user_id", "time desc"),
    ],
    lookUps: [
      {
        name: "a user's day",
        sql: `select * from public.audit_events where user_id = ${medianUser("audit_events")} and ${DAY}`,
      },
      {
        name: "a type's hour",
        sql: `select * from public.audit_events where event_type = 'login.failed' and ${HOUR}`,
      },
      {
        name: "a server's day",
        sql: `select * from public.audit_events
               where resource_type = 'server' and ${DAY}
                 and resource_id = (select min(resource_id) from public.audit_events
                                     where resource_type = 'server' and ${DAY})`,
      },
    ],
  },
  policy_evaluations: {
    layouts: [
      layout("", "time desc"),
      layout("", "user_id, time desc"),
      layout("", "resource, time desc"),
      layout("", "policy_name, user_id, time desc"),
      layout("policy_name", "time desc"),
      layout("policy_name", "user_id, time desc"),
      layout("decision", "time desc"),
      layout("decision", "user_id, time desc"),
      layout("user_id", "time desc"),
    ],
    lookUps: [
      {
        name: "a user's day",
        sql: `select * from public.policy_evaluations where user_id = ${medianUser("policy_evaluations")} and ${DAY}`,
      },
      {
        name: "a policy's hour",
        sql: `select * from public.policy_evaluations
               where policy_name = (select min(policy_name) from public.policy_evaluations where ${DAY}) and ${HOUR}`,
      },
    ],
  },
  siem_events: {
    layouts: [
      layout("event_type", "time desc"),
      layout("", "time desc"),
      layout("", "event_type, time desc"),
      layout("destination", "time desc"),
      layout("destination, status", "time desc"),
      layout("severity", "time desc"),
      layout("", "audit_event_id, time desc"),
      layout("event_type, destination", "time desc"),
    ],
    lookUps: [
      {
        name: "one delivery",
        sql: `select * from public.siem_events
               where audit_event_id = (select min(audit_event_id::text)::uuid from public.siem_events where ${DAY}) and ${DAY}`,
      },
      {
        name: "a day's failures",
        sql: `select * from public.siem_events where destination = 'splunk' and status = 'failed' and ${DAY}`,
      },
    ],
  },
};
