/** Series that give objectives a value, for promtool. */
import type { Objective } from "../../../components/objectives/plan/objective";

/** Figures of the stack that objectives refer to. */
export const EXPECTED = { replicas: 2, migrations: 9 };

/**
 * Series by metric, with its labels; a number is a gauge's value, `per` a counter's growth in a minute. A gauge that
 * changes begins `from` a value, and one that is a time lies `after` now by so many seconds.
 */
type Reading = Readonly<
  Record<
    string,
    number | { readonly per: number; readonly from?: number } | { readonly after: number }
  >
>;

/** Readings that give an objective this value. */
export type Readings = (value: number) => Reading;

/** How a value is reached, for objectives that are not a single gauge. */
const READINGS: Readonly<Record<string, Readings>> = {
  "response-time-p95": (value) => statements(value, 0.04, 0.2),
  "response-time-p99": (value) => statements(value, 0.09, 0.2),
  "connection-wait": (value) => ({
    pgbouncer_stats_client_wait_seconds_total: { per: 600 * value },
    pgbouncer_stats_sql_transactions_pooled_total: { per: 600 },
  }),
  "pool-use": (value) => ({
    'pgbouncer_pools_server_active_connections{entry="sark",user="a"}': 60 * value,
    'pgbouncer_pools_server_active_connections{entry="sark",user="b"}': 40 * value,
    'pgbouncer_databases_max_connections{entry="sark",name="sark"}': 100,
    // Idle beside a full one.
    'pgbouncer_pools_server_active_connections{entry="other",user="a"}': 0,
    'pgbouncer_databases_max_connections{entry="other",name="other"}': 100,
    'pgbouncer_databases_max_connections{entry="pgbouncer",name="pgbouncer"}': 0,
  }),
  connections: (value) => ({ sark_sessions: 200 * value, sark_session_limit: 200 }),
  "cache-hits": (value) => ({
    sark_blocks_hit_total: { per: 6000 * value },
    sark_blocks_read_total: { per: 6000 * (1 - value) },
  }),
  deadlocks: (value) => ({ sark_deadlocks_total: { per: value / 60 } }),
  rollbacks: (value) => ({
    sark_rollbacks_total: { per: value * 6000 },
    sark_commits_total: { per: (1 - value) * 6000 - 60 },
  }),
  "lock-table": (value) => ({ sark_locks: value * 6400, sark_lock_limit: 6400 }),
  "dead-rows": (value) => ({
    'sark_dead_rows{table_name="a"}': value * 1_000_000,
    'sark_live_rows{table_name="a"}': (1 - value) * 1_000_000 - 10_000,
    'sark_dead_rows{table_name="small"}': 900,
    'sark_live_rows{table_name="small"}': 0,
  }),
  "forced-checkpoints": (value) => ({
    sark_checkpoints_forced_total: { per: (value * 60) / 60 },
    sark_checkpoints_timed_total: { per: ((1 - value) * 60 - 6) / 60 },
  }),
  "pending-migrations": (value) => ({ sark_migrations_applied: EXPECTED.migrations - value }),
  "replicas-missing": (value) => ({ sark_replicas_streaming: EXPECTED.replicas - value }),
  "slot-retention": (value) => ({
    sark_slot_retained_bytes: value * 2 ** 30,
    sark_slot_limit_bytes: 2 ** 30,
  }),
  "wal-size": (value) => ({ sark_wal_bytes: value * 2 ** 30, sark_wal_limit_bytes: 2 ** 30 }),
  "audit-silent": (value) => ({
    'sark_newest_row_age_seconds{hypertable="audit_events"}': value,
    // Rows of the others may be rare.
    'sark_newest_row_age_seconds{hypertable="siem_events"}': 1_000_000,
  }),
  "disk-space": (value) => ({
    'sark_volume_free_bytes{volume="wal"}': value * 2 ** 30,
    'sark_volume_bytes{volume="wal"}': 2 ** 30,
  }),
  // A good disk does not fill. The volume for WAL does.
  "disk-full": (value) => ({
    'sark_volume_free_bytes{volume="data"}':
      value >= 7 * 86_400 ? 2 ** 41 : { from: value * 2 ** 20, per: -60 * 2 ** 20 },
    'sark_volume_free_bytes{volume="wal"}': { from: 2 ** 40, per: -(2 ** 28) },
  }),
  "backup-failed": (value) => ({ [backup("failed")]: 1 + value, [backup("available")]: 1 }),
  "backup-age": (value) => ({ [backup("available")]: { after: -value } }),
  "certificate-expiry": (value) => ({ sark_certificate_expiry_seconds: { after: value } }),
  "dump-age": (value) => ({
    'sark_backup_success_age_seconds{kind="dump"}': value,
    'sark_backup_success_age_seconds{kind="base backup"}': 100_000_000,
  }),
  "backup-run-failed": (value) => ({
    'sark_backup_failing{kind="base backup"}': value,
    'sark_backup_failing{kind="restore drill"}': 1,
  }),
  "restore-drill-age": (value) => ({
    'sark_backup_success_age_seconds{kind="restore drill"}': value,
  }),
  "restore-drill-failed": (value) => ({
    'sark_backup_failing{kind="restore drill"}': value,
    'sark_backup_failing{kind="dump"}': 1,
  }),
  "pool-clients": (value) => ({
    pgbouncer_used_clients: 1000 * value,
    pgbouncer_config_max_client_connections: 1000,
  }),
};

function backup(outcome: "available" | "failed"): string {
  return `barman_cloud_cloudnative_pg_io_last_${outcome}_backup_timestamp`;
}

function statements(share: number, fast: number, slow: number): Reading {
  return {
    'sark_statement_calls_total{queryid="1"}': { per: 1000 * share },
    'sark_statement_seconds_total{queryid="1"}': { per: 1000 * share * fast },
    'sark_statement_calls_total{queryid="2"}': { per: 1000 * (1 - share) },
    'sark_statement_seconds_total{queryid="2"}': { per: 1000 * (1 - share) * slow },
  };
}

export function readingsOf({ name, measure }: Objective): Readings {
  const own = READINGS[name];
  if (own !== undefined) return own;
  if ("gauge" in measure) return (value) => ({ [measure.gauge]: value });
  if ("aggregate" in measure && "gauge" in measure.of) {
    const { gauge } = measure.of;
    return (value) => ({ [gauge]: value });
  }
  throw new Error(`the test does not know how to reach a value of ${name}`);
}
