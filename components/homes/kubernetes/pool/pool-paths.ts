/** Folders of the pool's containers, and what lies in them. */
export const POOL_PATHS = {
  /** `pgbouncer.ini` and the scripts. */
  config: "/etc/pgbouncer/config",
  /** `userlist.txt`. */
  logins: "/etc/pgbouncer/logins",
  /** PgBouncer's own `tls.crt` and `tls.key`. */
  certificate: "/etc/pgbouncer/certificate",
  /** A certificate for each authority that signs servers' certificates. */
  authorities: "/etc/pgbouncer/authorities",
  /** Written to: the socket of the console and the authorities in one file. */
  run: "/run/pgbouncer",
} as const;

export type PoolPaths = Readonly<Record<keyof typeof POOL_PATHS, string>>;

/** PgBouncer's own. */
export const POOL_PORT = 6432;

/** The exporter's own. */
export const EXPORTER_PORT = 9127;

/** The one file of authorities that PgBouncer takes. */
export function bundleOf({ run }: PoolPaths): string {
  return `${run}/authorities.crt`;
}
