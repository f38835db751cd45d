import { minimumPgbouncer } from "../plan/compatibility";
import { parseImage } from "../plan/images";
import {
  type DatabaseEntry,
  type PgBouncerConfig,
  type PgBouncerSettings,
} from "../../../pool/plan/pgbouncer-ini";
import { POOL_PORT, type PoolPaths, caBundlePath } from "./pool-paths";

/** PgBouncer version of an image, by its tag; the minimum version if the tag has none. */
export function poolVersion(image: string): string {
  const { tag = "" } = parseImage(image);
  return /^v?(\d+\.\d+(?:\.\d+)?)/.exec(tag)?.[1] ?? minimumPgbouncer.least;
}

/** Content of `pgbouncer.ini` in a pod; it holds no secret. */
export function poolIni(
  version: string,
  databases: Readonly<Record<string, DatabaseEntry>>,
  settings: PgBouncerSettings,
  paths: PoolPaths,
): PgBouncerConfig {
  return {
    version,
    databases,
    settings: {
      ...settings,
      ...FAILOVER_TIMEOUTS,
      // No administration over the network; inside the container, `pgbouncer` on the socket is the administrator.
      admin_users: "",
      auth_file: `${paths.logins}/userlist.txt`,
      listen_addr: "*",
      listen_port: POOL_PORT,
      unix_socket_dir: paths.run,
      // The exporter shares the group; no other user may connect.
      unix_socket_mode: "0770",
      client_tls_sslmode: "require",
      client_tls_cert_file: `${paths.certificate}/tls.crt`,
      client_tls_key_file: `${paths.certificate}/tls.key`,
      server_tls_sslmode: "verify-full",
      server_tls_ca_file: caBundlePath(paths),
    },
  };
}

/**
 * Timeouts that decide how soon PgBouncer leaves a dead server and finds its successor, since a Service moves without
 * notice. `docs/benchmarks.md` has the effect of each. Seconds; `tcp_user_timeout` milliseconds.
 */
export const FAILOVER_TIMEOUTS: PgBouncerSettings = {
  // PgBouncer rejects all clients until the next attempt, so this adds to every failover.
  server_login_retry: 0.2,
  // An attempt stays with the server that the Service pointed to when it began, and each pool makes one at a time.
  server_connect_timeout: 3,
  // A connection to a lost node is given up after about 10 s, whether data is in flight or not.
  tcp_keepidle: 5,
  tcp_keepintvl: 2,
  tcp_keepcnt: 3,
  tcp_user_timeout: 10_000,
  // RDS moves its endpoint by DNS, with a TTL of 5 s. PgBouncer ignores the TTL, and caches for 15 s by default.
  dns_max_ttl: 2,
};
