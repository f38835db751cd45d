/** The volume of each of a database's servers; sizes in bytes. */
export interface StorageSpec {
  readonly size: number;
  /** `ssd`, `hdd`, `san`, or what the home calls it: a storage class, `gp3`. */
  readonly kind: string;
  /** Size of a separate WAL volume. */
  readonly wal?: number;
  /** Limit of automatic growth. */
  readonly maximum?: number;
  /** IOPS. */
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
}

/** Machine and servers of a database, as far as the settings decide them. Known before anything exists. */
export interface ServerSpec {
  /** The home's name for the machine, such as `db.m8g.large`; unset where the home has none. */
  readonly class?: string;
  /** The replicas' class, where it differs. */
  readonly replicaClass?: string;
  readonly vcpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly storage?: StorageSpec;
  /** Stand-by servers that serve no queries. On Kubernetes each replica is also a stand-by. */
  readonly standBys: number;
  /** Read replicas. */
  readonly replicas: number;
  /** Minimum number of zones that the primary and its failover targets are in; unset on a single machine. */
  readonly zones?: number;
}

/** Where PgBouncer runs, and in how many processes. */
export interface PoolSpec {
  readonly home: string;
  readonly instances: number;
}
