import { leastPgbouncer } from "../../lib/kubernetes/compatibility";
import { parseImage } from "../../lib/kubernetes/images";
import {
  type DatabaseEntry,
  type PgBouncerConfig,
  type PgBouncerSettings,
} from "../../lib/pgbouncer-ini";
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
 * A server behind a service moves to another node without a word: a dead connection has to be noticed in seconds.
 * Seconds; `tcp_user_timeout` milliseconds.
 */
const CONNECTIONS: PgBouncerSettings = {
  tcp_keepidle: 15,
  tcp_keepintvl: 5,
  tcp_keepcnt: 3,
  tcp_user_timeout: 30_000,
};
