/** The volume of each of a database's servers; sizes in bytes. */
export interface RunsStorage {
  readonly size: number;
  /** `ssd`, `hdd`, `san`, or what the home calls it: a storage class, `gp3`. */
  readonly kind: string;
  /** Of the volume of the log, where it has one of its own. */
  readonly wal?: number;
  /** Up to which the home enlarges the volume by itself. */
  readonly maximum?: number;
  /** Operations a second. */
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
}

/**
 * What a database runs on, as far as its stack decides that. All of it follows from the settings, so it is known before
 * anything exists.
 */
export interface ServerRuns {
  /** The home's name for the machine, such as `db.m8g.large`; unset where the home has none. */
  readonly class?: string;
  /** The replicas' own, where it differs. */
  readonly replicaClass?: string;
  readonly vcpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly storage?: RunsStorage;
  /** Servers that only wait to take over. On Kubernetes a replica does both. */
  readonly standBys: number;
  /** Servers that follow and can be read from. */
  readonly replicas: number;
  /** The fewest zones that the primary and what takes over from it are in; unset on a single machine. */
  readonly zones?: number;
  /** Days for which a point in time can be restored; 0 without backups. */
  readonly backupDays: number;
}

/** How many PgBouncer processes run where. */
export interface PoolRuns {
  readonly home: string;
  readonly instances: number;
}
