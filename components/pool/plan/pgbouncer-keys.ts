/**
 * What PgBouncer's configuration file may hold, by section, since which version, and what a RELOAD
 * does not change. From the changelog and documentation of PgBouncer 1.18 to 1.25.
 */

const TEXT = [
  "admin_users",
  "auth_dbname",
  "auth_file",
  "auth_hba_file",
  "auth_ident_file",
  "auth_ldap_options",
  "auth_query",
  "auth_user",
  "client_tls13_ciphers",
  "client_tls_ca_file",
  "client_tls_cert_file",
  "client_tls_ciphers",
  "client_tls_dheparams",
  "client_tls_ecdhcurve",
  "client_tls_key_file",
  "client_tls_protocols",
  "ignore_startup_parameters",
  "job_name",
  "listen_addr",
  "logfile",
  "pidfile",
  "resolv_conf",
  "server_check_query",
  "server_reset_query",
  "server_tls13_ciphers",
  "server_tls_ca_file",
  "server_tls_cert_file",
  "server_tls_ciphers",
  "server_tls_key_file",
  "server_tls_protocols",
  "stats_users",
  "syslog_facility",
  "syslog_ident",
  "track_extra_parameters",
  "unix_socket_dir",
  "unix_socket_group",
  "user",
] as const;

const WHOLE = [
  "default_pool_size",
  "listen_backlog",
  "listen_port",
  "max_client_conn",
  "max_db_client_connections",
  "max_db_connections",
  "max_packet_size",
  "max_prepared_statements",
  "max_user_client_connections",
  "max_user_connections",
  "min_pool_size",
  "peer_id",
  "pkt_buf",
  "query_wait_notify",
  "reserve_pool_size",
  "sbuf_loopcnt",
  "scram_iterations",
  "stats_period",
  "tcp_defer_accept",
  "tcp_keepcnt",
  "tcp_keepidle",
  "tcp_keepintvl",
  "tcp_socket_buffer",
  "tcp_user_timeout",
  "verbose",
] as const;

const SECONDS = [
  "autodb_idle_timeout",
  "cancel_wait_timeout",
  "client_idle_timeout",
  "client_login_timeout",
  "dns_max_ttl",
  "dns_nxdomain_ttl",
  "dns_zone_check_period",
  "idle_transaction_timeout",
  "query_timeout",
  "query_wait_timeout",
  "reserve_pool_timeout",
  "server_check_delay",
  "server_connect_timeout",
  "server_idle_timeout",
  "server_lifetime",
  "server_login_retry",
  "suspend_timeout",
  "transaction_timeout",
] as const;

const SWITCH = [
  "application_name_add_host",
  "disable_pqexec",
  "log_connections",
  "log_disconnections",
  "log_pooler_errors",
  "log_stats",
  "server_fast_close",
  "server_reset_query_always",
  "server_round_robin",
  "so_reuseport",
  "syslog",
  "tcp_keepalive",
] as const;

const POOL_MODES = ["session", "transaction", "statement"] as const;
const TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/** What a value must look like: a kind, or the list of words. */
export type ValueKind = "text" | "whole" | "seconds" | "switch" | "octal" | readonly string[];

/** Key of the `[pgbouncer]` section. */
export type SettingKey =
  | (typeof TEXT)[number]
  | (typeof WHOLE)[number]
  | (typeof SECONDS)[number]
  | (typeof SWITCH)[number]
  | "auth_type"
  | "client_tls_sslmode"
  | "pool_mode"
  | "server_tls_sslmode"
  | "unix_socket_mode";

/** The `[pgbouncer]` section. `conffile` is not here: it would make a RELOAD read another file. */
export const SETTING_KINDS: ReadonlyMap<string, ValueKind> = new Map<string, ValueKind>([
  ...kindOf(TEXT, "text"),
  ...kindOf(WHOLE, "whole"),
  ...kindOf(SECONDS, "seconds"),
  ...kindOf(SWITCH, "switch"),
  ["auth_type", ["any", "cert", "hba", "ldap", "md5", "pam", "plain", "scram-sha-256", "trust"]],
  ["client_tls_sslmode", TLS_MODES],
  ["pool_mode", POOL_MODES],
  ["server_tls_sslmode", TLS_MODES],
  ["unix_socket_mode", "octal"],
]);

/** Parameters of one entry of `[databases]`. */
export const DATABASE_KINDS = {
  application_name: "text",
  auth_dbname: "text",
  auth_query: "text",
  auth_user: "text",
  client_encoding: "text",
  connect_query: "text",
  datestyle: "text",
  dbname: "text",
  host: "text",
  load_balance_hosts: ["disable", "round-robin"],
  max_db_client_connections: "whole",
  max_db_connections: "whole",
  min_pool_size: "whole",
  password: "text",
  pool_mode: POOL_MODES,
  pool_size: "whole",
  port: "whole",
  reserve_pool_size: "whole",
  server_lifetime: "seconds",
  timezone: "text",
  user: "text",
} as const satisfies Record<string, ValueKind>;

/** Parameters of one entry of `[users]`. */
export const USER_KINDS = {
  client_idle_timeout: "seconds",
  idle_transaction_timeout: "seconds",
  max_user_client_connections: "whole",
  max_user_connections: "whole",
  pool_mode: POOL_MODES,
  pool_size: "whole",
  query_timeout: "seconds",
  reserve_pool_size: "whole",
  transaction_timeout: "seconds",
} as const satisfies Record<string, ValueKind>;

/** First version that knows a key; a key that is not here is known to 1.18 already. */
export const SINCE = {
  databases: {
    auth_dbname: "1.19",
    auth_query: "1.22",
    load_balance_hosts: "1.24",
    max_db_client_connections: "1.24",
    server_lifetime: "1.23",
  },
  users: {
    client_idle_timeout: "1.24",
    idle_transaction_timeout: "1.24",
    max_user_client_connections: "1.24",
    pool_size: "1.23",
    query_timeout: "1.24",
    reserve_pool_size: "1.24",
    transaction_timeout: "1.25",
  },
  pgbouncer: {
    auth_dbname: "1.19",
    auth_ident_file: "1.23",
    auth_ldap_options: "1.25",
    cancel_wait_timeout: "1.19",
    client_tls13_ciphers: "1.25",
    max_db_client_connections: "1.24",
    max_prepared_statements: "1.21",
    max_user_client_connections: "1.24",
    peer_id: "1.19",
    query_wait_notify: "1.25",
    scram_iterations: "1.25",
    server_tls13_ciphers: "1.25",
    track_extra_parameters: "1.20",
    transaction_timeout: "1.25",
  },
} as const satisfies Record<string, Record<string, string>>;

/** Keys that PgBouncer reads at its start only: it ignores a change of them on RELOAD, silently. */
export const RESTART_KEYS: ReadonlySet<string> = new Set<SettingKey>([
  "disable_pqexec",
  "job_name",
  "listen_addr",
  "listen_backlog",
  "listen_port",
  "pidfile",
  "pkt_buf",
  "resolv_conf",
  "so_reuseport",
  "track_extra_parameters",
  "unix_socket_dir",
  "unix_socket_group",
  "unix_socket_mode",
  "user",
]);

function kindOf(keys: readonly string[], kind: ValueKind): [string, ValueKind][] {
  return keys.map((key) => [key, kind]);
}
