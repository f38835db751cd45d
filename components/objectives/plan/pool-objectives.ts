import { divide, gauge, max, sum } from "./expression";
import { MINUTE, type Objective } from "./objective";

/** Objectives of the pool beside the guide's. */
export const poolObjectives: readonly Objective[] = [
  {
    name: "pool-down",
    title: "pool answers",
    subjects: ["pool"],
    measure: gauge("pgbouncer_up"),
    unit: "count",
    good: "above",
    critical: 1,
    missingIsBad: true,
    lasts: MINUTE,
    summary: "PgBouncer does not answer. Applications that use the pool fail.",
    query: "connections-by-application",
    reason: "a restart takes a few seconds",
  },
  {
    name: "pool-longest-wait",
    title: "longest current wait of a client",
    subjects: ["pool"],
    measure: max(gauge("pgbouncer_pools_client_maxwait_seconds")),
    unit: "seconds",
    good: "below",
    target: 1,
    critical: 5,
    lasts: MINUTE,
    summary: "A client has waited long for a server connection.",
    query: "connections-by-state",
    reason: "an application gives up after a few seconds",
  },
  {
    name: "pool-clients",
    title: "clients of those that the pool accepts",
    subjects: ["pool"],
    measure: divide(
      sum(gauge("pgbouncer_used_clients")),
      sum(gauge("pgbouncer_config_max_client_connections")),
    ),
    unit: "share",
    good: "below",
    target: 0.8,
    critical: 0.9,
    lasts: 3 * MINUTE,
    summary: "Clients near max_client_conn. New ones will be refused.",
    query: "connections-by-application",
    reason: "as for the sessions of a server",
  },
];
