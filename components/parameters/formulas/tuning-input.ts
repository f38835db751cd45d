import type { MajorVersion } from "../parameters";
import type { ParameterValue, Unit } from "../known/parameter-facts";

/** What the data lies on. `san` is network block storage with many queues (EBS, Ceph RBD). */
type StorageKind = "ssd" | "hdd" | "san";

/** `oltp`: many short statements. `time-series`: TimescaleDB, appended rows and wide aggregates. */
export type Workload = "oltp" | "time-series";

/** What {@link tune} computes a server's parameters from. Every size is in bytes. */
export interface TuningInput {
  /** Memory of the machine or container, in bytes. */
  readonly memory: number;
  /** Processors the server may use; a fraction (Kubernetes) counts as the whole number below it. */
  readonly vcpus: number;
  readonly storage: StorageKind;
  readonly workload: Workload;
  /** The server's `max_connections`. A change restarts the server, replicas first. */
  readonly maxConnections: number;
  readonly majorVersion: MajorVersion;
  /**
   * Size of the data volume in bytes.
   * @default - unknown: WAL is bounded by a multiple of `max_wal_size` alone
   */
  readonly storageSize?: number;
  /**
   * Size of a volume that holds nothing but WAL, in bytes.
   * @default - WAL shares the data volume
   */
  readonly walStorageSize?: number;
  /**
   * Memory that other programs on the same machine need, in bytes. It is taken off first.
   * @default 0
   */
  readonly reservedMemory?: number;
}

/** One parameter as the server is to have it. */
export interface TunedParameter {
  readonly name: string;
  /** In the parameter's own unit, as `pg_settings.setting` and an RDS parameter group hold it. */
  readonly value: ParameterValue;
  /** As `postgresql.conf` takes it and `SHOW` prints it: `2GB`, `1.1`, `on`. */
  readonly setting: string;
  /** The unit of {@link value}; `null` when it is a plain number, a switch or a word. */
  readonly unit: Unit | null;
  /** Whether a change needs a restart of the server; otherwise a reload is enough. */
  readonly restart: boolean;
}

/** A server's parameters, sorted by name. */
export type ParameterSet = readonly TunedParameter[];
