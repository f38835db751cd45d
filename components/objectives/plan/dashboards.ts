import { type DashboardPlan, metric, perSecond, SELECTED, SELECTED_POOL } from "./dashboard-panels";

const server = "{{server}}";

/** All dashboards. A row answers one question, with objectives by name, and with metrics that explain them. */
export const DASHBOARDS: readonly DashboardPlan[] = [
  {
    uid: "sark-goals",
    title: "SARK: goals",
    rows: [
      {
        question: "Which objectives are missed?",
        panels: [
          metric("Firing alerts", "count", [
            'count by (stack, database, severity) (ALERTS{alertstate="firing",stack=~"$stack",objective!=""})',
            "{{severity}} {{database}}",
          ]),
          "server-down",
        ],
      },
      {
        question: "Are statements fast enough?",
        panels: ["response-time-p95", "response-time-p99", "throughput"],
      },
      {
        question: "Do clients get a connection in time?",
        panels: ["connection-wait", "pool-use", "connections"],
      },
      {
        question: "Does anything hold the others up?",
        panels: ["long-statements", "lock-wait", "cache-hits"],
      },
    ],
  },
  {
    uid: "sark-postgresql",
    title: "SARK: PostgreSQL",
    rows: [
      {
        question: "How much does the server do?",
        panels: [
          metric(
            "Transactions",
            "perSecond",
            [perSecond("sark_commits_total"), `${server} committed`],
            [perSecond("sark_rollbacks_total"), `${server} rolled back`],
          ),
          metric("Busiest statements", "share", [
            `topk(5, ${perSecond("sark_statement_seconds_total")})`,
            "{{queryid}} on {{server}}",
          ]),
          metric("Temporary files", "bytes", [perSecond("sark_temporary_bytes_total"), server]),
        ],
      },
      {
        question: "Who waits for whom?",
        panels: [
          metric(
            "Sessions",
            "count",
            [`sark_sessions{${SELECTED}}`, server],
            [`sark_session_limit{${SELECTED}}`, `${server} limit`],
          ),
          "lock-wait",
          "deadlocks",
          "long-transaction",
        ],
      },
      {
        question: "Does memory suffice?",
        panels: [
          "cache-hits",
          metric("Pages read", "perSecond", [perSecond("sark_blocks_read_total"), server]),
        ],
      },
      {
        question: "Do vacuum and checkpoints keep up?",
        panels: ["dead-rows", "transaction-ids", "multixact-ids", "forced-checkpoints"],
      },
      {
        question: "Are replicas and the archive in order?",
        panels: ["replica-lag", "replicas-missing", "slot-retention", "wal-archiving"],
      },
      {
        question: "How does the database grow, and is an index in the way?",
        panels: [
          metric("Size", "bytes", [
            `sark_database_bytes{${SELECTED}}`,
            "{{database}} on {{server}}",
          ]),
          "invalid-indexes",
          "unused-indexes",
          "pending-restart",
        ],
      },
      {
        question: "Is there room on the volumes?",
        panels: [
          "disk-space",
          "disk-full",
          metric("Free space", "bytes", [
            `sark_volume_free_bytes{${SELECTED}}`,
            "{{server}} {{volume}}",
          ]),
        ],
      },
    ],
  },
  {
    uid: "sark-timescaledb",
    title: "SARK: TimescaleDB",
    rows: [
      {
        question: "Does the audit trail arrive, and is it sealed?",
        panels: ["audit-silent", "digest-missing"],
      },
      {
        question: "Do the jobs run?",
        panels: [
          "job-failing",
          "job-late",
          metric("Failures", "count", [`sark_job_failures_total{${SELECTED}}`, "{{job_name}}"]),
        ],
      },
      {
        question: "Are old chunks compressed and dropped?",
        panels: [
          "compression-overdue",
          "retention-overdue",
          metric("Chunks", "count", [`sark_chunks{${SELECTED}}`, "{{hypertable}}"]),
        ],
      },
      { question: "Are the aggregates fresh?", panels: ["aggregate-late"] },
    ],
  },
  {
    uid: "sark-pgbouncer",
    title: "SARK: PgBouncer",
    rows: [
      {
        question: "Do clients wait?",
        panels: [
          "connection-wait",
          "pool-longest-wait",
          metric("Waiting clients", "count", [
            `sum by (entry) (pgbouncer_pools_client_waiting_connections{${SELECTED_POOL}})`,
            "{{entry}}",
          ]),
        ],
      },
      {
        question: "Is the pool large enough?",
        panels: [
          "pool-use",
          "pool-clients",
          metric(
            "Server connections",
            "count",
            [
              `sum by (entry) (pgbouncer_pools_server_active_connections{${SELECTED_POOL}})`,
              "{{entry}} active",
            ],
            [
              `sum by (entry) (pgbouncer_pools_server_idle_connections{${SELECTED_POOL}})`,
              "{{entry}} idle",
            ],
          ),
        ],
      },
      {
        question: "How much goes through it?",
        panels: [
          metric("Transactions", "perSecond", [
            `sum by (entry) (${perSecond("pgbouncer_stats_sql_transactions_pooled_total", SELECTED_POOL)})`,
            "{{entry}}",
          ]),
          metric("Average query", "seconds", [
            `sum by (entry) (${perSecond("pgbouncer_stats_queries_duration_seconds_total", SELECTED_POOL)}) / ` +
              `sum by (entry) (${perSecond("pgbouncer_stats_queries_pooled_total", SELECTED_POOL)})`,
            "{{entry}}",
          ]),
          "pool-down",
        ],
      },
      { question: "Are the certificates renewed?", panels: ["certificate-expiry"] },
    ],
  },
  {
    uid: "sark-backups-and-migrations",
    title: "SARK: backups and migrations",
    rows: [
      {
        question: "Can the latest changes be restored?",
        panels: [
          "wal-archiving",
          metric("Archived WAL files", "perSecond", [perSecond("sark_archived_total"), server]),
        ],
      },
      {
        question: "Are there base backups, and how far back do they reach?",
        panels: [
          "backup-age",
          "backup-failed",
          metric("Age of the earliest point that can be restored", "seconds", [
            `time() - (barman_cloud_cloudnative_pg_io_first_recoverability_point{${SELECTED}} > 0)`,
            server,
          ]),
        ],
      },
      {
        question: "Are backups made, and were they restored?",
        panels: ["dump-age", "backup-run-failed", "restore-drill-age", "restore-drill-failed"],
      },
      {
        question: "Is the schema that of the program?",
        panels: [
          "pending-migrations",
          "unfinished-migration",
          metric("Applied migrations", "count", [`sark_migrations_applied{${SELECTED}}`, server]),
        ],
      },
    ],
  },
];
