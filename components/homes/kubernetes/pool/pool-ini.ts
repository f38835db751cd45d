import { leastPgbouncer } from "../plan/compatibility";
import { parseImage } from "../plan/images";
import {
  type DatabaseEntry,
  type PgBouncerConfig,
  type PgBouncerSettings,
} from "../../../pool/plan/pgbouncer-ini";
import { POOL_PORT, type PoolPaths, bundleOf } from "./pool-paths";

/** Version of PgBouncer in an image, by its tag; the least that is allowed where the tag says none. */
export function poolVersion(image: string): string {
  const { tag = "" } = parseImage(image);
  return /^v?(\d+\.\d+(?:\.\d+)?)/.exec(tag)?.[1] ?? leastPgbouncer.least;
}

/** What `pgbouncer.ini` is made from in a pod; it holds no secret. */
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
      ...CONNECTIONS,
      // Nobody administers over the network; whoever may enter the container logs in as `pgbouncer` on the socket.
      admin_users: "",
      auth_file: `${paths.logins}/userlist.txt`,
      listen_addr: "*",
      listen_port: POOL_PORT,
      unix_socket_dir: paths.run,
      // The exporter is of the group, and no other user may try.
      unix_socket_mode: "0770",
      client_tls_sslmode: "require",
      client_tls_cert_file: `${paths.certificate}/tls.crt`,
      client_tls_key_file: `${paths.certificate}/tls.key`,
      server_tls_sslmode: "verify-full",
      server_tls_ca_file: bundleOf(paths),
    },
  };
}

/**
 * How soon PgBouncer leaves a dead server and finds its successor, behind a Service that moves without a word.
 * `docs/benchmarks.md` has what each of these saves. Seconds; `tcp_user_timeout` milliseconds.
 */
export const CONNECTIONS: PgBouncerSettings = {
  // Until the next attempt PgBouncer refuses every client, so this is what it adds to each failover.
  server_login_retry: 0.2,
  // An attempt stays with the server that the Service named when it began, and each pool makes one at a time.
  server_connect_timeout: 3,
  // An open connection to a lost node is given up after about 10 s, whether data is on its way or not.
  tcp_keepidle: 5,
  tcp_keepintvl: 2,
  tcp_keepcnt: 3,
  tcp_user_timeout: 10_000,
  // RDS moves its endpoint by DNS, with a time to live of 5 s. PgBouncer does not read that, and by itself keeps 15 s.
  dns_max_ttl: 2,
};
