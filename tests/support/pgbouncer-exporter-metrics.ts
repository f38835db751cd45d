/**
 * Metrics of prometheus-community/pgbouncer_exporter that objectives may use, with their labels.
 *
 * Source: collector.go of v0.10.2 and v0.12.1, which agree on these.
 */
const DATABASES = ["name", "host", "port", "database", "force_user", "pool_mode"];
const POOLS = ["database", "user"];
const STATS = ["database"];

export const PGBOUNCER_EXPORTER_METRICS: Readonly<Record<string, readonly string[]>> = {
  pgbouncer_up: [],
  pgbouncer_used_clients: [],
  pgbouncer_free_clients: [],
  pgbouncer_used_servers: [],
  pgbouncer_config_max_client_connections: [],
  pgbouncer_config_max_user_connections: [],
  pgbouncer_databases_pool_size: DATABASES,
  pgbouncer_databases_reserve_pool: DATABASES,
  pgbouncer_databases_max_connections: DATABASES,
  pgbouncer_databases_current_connections: DATABASES,
  pgbouncer_databases_paused: DATABASES,
  pgbouncer_pools_client_active_connections: POOLS,
  pgbouncer_pools_client_waiting_connections: POOLS,
  pgbouncer_pools_client_maxwait_seconds: POOLS,
  pgbouncer_pools_server_active_connections: POOLS,
  pgbouncer_pools_server_idle_connections: POOLS,
  pgbouncer_pools_server_login_connections: POOLS,
  pgbouncer_stats_client_wait_seconds_total: STATS,
  pgbouncer_stats_queries_pooled_total: STATS,
  pgbouncer_stats_sql_transactions_pooled_total: STATS,
};
