/** Folders of the pool's containers, and what lies in them. */
export interface PoolPaths {
  /** `pgbouncer.ini` and the scripts. */
  readonly config: string;
  /** `userlist.txt`. */
  readonly logins: string;
  /** PgBouncer's own `tls.crt` and `tls.key`. */
  readonly certificate: string;
  /** A certificate for each authority that signs servers' certificates. */
  readonly authorities: string;
  /** Written to: the socket of the console and the authorities in one file. */
  readonly run: string;
}

export const POOL_PATHS: PoolPaths = {
  config: "/etc/pgbouncer/config",
  logins: "/etc/pgbouncer/logins",
  certificate: "/etc/pgbouncer/certificate",
  authorities: "/etc/pgbouncer/authorities",
  run: "/run/pgbouncer",
};

/** PgBouncer's own. */
export const POOL_PORT = 6432;

/** The exporter's own. */
export const EXPORTER_PORT = 9127;

/** The one file of authorities that PgBouncer takes. */
export function bundleOf({ run }: PoolPaths): string {
  return `${run}/authorities.crt`;
}
