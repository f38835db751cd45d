import { add, divide, gauge, sum } from "./expression";
import { BOTH, MINUTE, type Objective } from "./objective";

const STATEMENTS = {
  calls: "sark_statement_calls_total",
  seconds: "sark_statement_seconds_total",
  window: 5 * MINUTE,
};

/** Labels of PgBouncer's console. */
const CONSOLE = { entry: "pgbouncer" };

/**
 * The guide's seven goals. Its response times are percentiles of single executions, of which a server keeps no
 * histogram; docs/monitoring.md says what stands for them.
 */
export const goalObjectives: readonly Objective[] = [
  {
    name: "response-time-p95",
    title: "executions of statements that take 50 ms or less on average",
    subjects: ["sark"],
    measure: { shareWithin: 0.05, ...STATEMENTS },
    unit: "share",
    good: "above",
    target: 0.95,
    budget: true,
    lasts: 2 * MINUTE,
    needs: "statistics",
    summary: "Too many statements average more than 50 ms. Users notice slow answers.",
    query: "statements-by-mean-time",
    reason: "the guide: 95 % within 50 ms",
  },
  {
    name: "response-time-p99",
    title: "executions of statements that take 100 ms or less on average",
    subjects: ["sark"],
    measure: { shareWithin: 0.1, ...STATEMENTS },
    unit: "share",
    good: "above",
    target: 0.99,
    budget: true,
    lasts: 2 * MINUTE,
    needs: "statistics",
    summary: "Too many statements average more than 100 ms. Requests may time out.",
    query: "statements-by-mean-time",
    reason: "the guide: 99 % within 100 ms",
  },
  {
    name: "connection-wait",
    title: "average wait of a transaction for a server connection",
    subjects: ["pool"],
    measure: divide(
      sum({ rate: "pgbouncer_stats_client_wait_seconds_total", window: 5 * MINUTE }),
      sum({ rate: "pgbouncer_stats_sql_transactions_pooled_total", window: 5 * MINUTE }),
    ),
    unit: "seconds",
    good: "below",
    target: 0.005,
    critical: 0.01,
    lasts: 5 * MINUTE,
    summary: "Clients wait for a server connection. The pool is too small, or sessions hold it.",
    query: "connections-by-state",
    reason: "the guide: 5 ms, critical from 10 ms",
  },
  {
    name: "throughput",
    title: "transactions a second",
    subjects: ["sark"],
    measure: add(
      { rate: "sark_commits_total", window: 5 * MINUTE },
      { rate: "sark_rollbacks_total", window: 5 * MINUTE },
    ),
    unit: "perSecond",
    good: "above",
    // Few transactions are no fault: at night nobody asks.
    lasts: 5 * MINUTE,
    needs: "statistics",
    summary: "Transactions a second.",
    query: "transactions",
    reason:
      "the guide: above 1,000 under load, which the benchmark shows; a quiet hour is not a fault",
  },
  {
    name: "pool-use",
    title: "server connections in use, of those that an entry of the pool may open",
    subjects: ["pool"],
    measure: divide(
      sum(gauge("pgbouncer_pools_server_active_connections"), "entry"),
      sum(
        {
          // An entry without a limit of its own has max_connections 0. PgBouncer's console counts as an entry, too.
          positive: { gauge: "pgbouncer_databases_max_connections", except: CONSOLE },
          otherwise: { gauge: "pgbouncer_databases_pool_size", except: CONSOLE },
        },
        "entry",
      ),
    ),
    unit: "share",
    good: "below",
    target: 0.8,
    critical: 0.9,
    lasts: 5 * MINUTE,
    summary: "The pool has few free server connections. Clients will have to wait.",
    query: "connections-by-application",
    reason: "the guide: 60 to 80 %, critical from 90 %",
  },
  {
    name: "connections",
    title: "sessions of those that the server accepts",
    subjects: BOTH,
    measure: divide(gauge("sark_sessions"), gauge("sark_session_limit")),
    unit: "share",
    good: "below",
    target: 0.8,
    critical: 0.9,
    lasts: 3 * MINUTE,
    needs: "statistics",
    summary: "Sessions near max_connections. New ones will be refused.",
    query: "connection-use",
    reason: "the guide: 80 %, critical from 90 %",
  },
  {
    name: "long-statements",
    title: "statements that run for more than 30 s",
    subjects: BOTH,
    measure: gauge("sark_statements_over_30s"),
    unit: "count",
    good: "below",
    target: 0,
    critical: 4,
    lasts: MINUTE,
    needs: "statistics",
    summary: "Statements run for more than 30 seconds. They hold locks and connections.",
    query: "long-running-sessions",
    reason: "the guide: none, critical from 5",
  },
  {
    name: "cache-hits",
    title: "pages found in shared_buffers",
    subjects: BOTH,
    measure: divide(
      { rate: "sark_blocks_hit_total", window: 30 * MINUTE },
      add(
        { rate: "sark_blocks_hit_total", window: 30 * MINUTE },
        { rate: "sark_blocks_read_total", window: 30 * MINUTE },
      ),
    ),
    unit: "share",
    good: "above",
    target: 0.95,
    lasts: 60 * MINUTE,
    needs: "statistics",
    summary: "Low cache hit ratio. Statements wait for disk reads.",
    query: "cache-hit-ratio",
    reason: "the guide: above 95 %",
  },
];
