import type { MajorVersion } from "../parameters";
import type { ParameterValue, Unit } from "../known/parameter-facts";

/** Kind of disk. `san` is network block storage with many queues (EBS, Ceph RBD). */
type StorageKind = "ssd" | "hdd" | "san";

/** `oltp`: many short statements. `time-series`: TimescaleDB, with appended rows and wide aggregates. */
export type Workload = "oltp" | "time-series";

/** Input of {@link tune}. Every size is in bytes. */
export interface TuningInput {
  /** Memory of the machine or container, in bytes. */
  readonly memory: number;
  /** vCPUs of the server; a fraction (Kubernetes) is rounded down. */
  readonly vcpus: number;
  readonly storage: StorageKind;
  readonly workload: Workload;
  /** The server's `max_connections`. A change restarts the server, replicas first. */
  readonly maxConnections: number;
  readonly majorVersion: MajorVersion;
  /**
   * Size of the data volume in bytes.
   * @default - unknown: only a multiple of `max_wal_size` limits WAL
   */
  readonly storageSize?: number;
  /**
   * Size of a dedicated WAL volume, in bytes.
   * @default - WAL shares the data volume
   */
  readonly walStorageSize?: number;
  /**
   * Memory for other programs on the same machine, in bytes; subtracted first.
   * @default 0
   */
  readonly reservedMemory?: number;
}

/** One computed parameter. */
export interface TunedParameter {
  readonly name: string;
  /** In the parameter's own unit, as in `pg_settings.setting` and an RDS parameter group. */
  readonly value: ParameterValue;
  /** In the notation of `postgresql.conf` and `SHOW`: `2GB`, `1.1`, `on`. */
  readonly setting: string;
  /** Unit of {@link value}; `null` for a plain number, a boolean or a word. */
  readonly unit: Unit | null;
  /** Whether a change needs a restart; otherwise a reload is enough. */
  readonly restart: boolean;
}

/** A server's parameters, sorted by name. */
export type ParameterSet = readonly TunedParameter[];
