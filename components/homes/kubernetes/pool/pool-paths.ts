/** Folders of the pool's containers, and their contents. */
export const POOL_PATHS = {
  /** `pgbouncer.ini` and the scripts. */
  config: "/etc/pgbouncer/config",
  /** `userlist.txt`. */
  logins: "/etc/pgbouncer/logins",
  /** PgBouncer's own `tls.crt` and `tls.key`. */
  certificate: "/etc/pgbouncer/certificate",
  /** One certificate per CA that signs server certificates. */
  authorities: "/etc/pgbouncer/authorities",
  /** Writable: the console's socket, and the CA bundle. */
  run: "/run/pgbouncer",
} as const;

export type PoolPaths = Readonly<Record<keyof typeof POOL_PATHS, string>>;

/** PgBouncer's port. */
export const POOL_PORT = 6432;

/** The exporter's port. */
export const EXPORTER_PORT = 9127;

/** CA bundle, since PgBouncer accepts one CA file only. */
export function caBundlePath({ run }: PoolPaths): string {
  return `${run}/authorities.crt`;
}
