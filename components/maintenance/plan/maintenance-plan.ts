import type { DatabaseName } from "../../roles/plan/role-plan";

/**
 * Maintenance jobs of databases on Kubernetes and AWS: those that the guide asks for and that neither the server nor
 * the operator does. Pure data; `components/homes/kubernetes/maintenance` turns it into CronJobs. Add a job only to
 * {@link MAINTENANCE}; its SQL goes to `sql/maintenance`.
 */

/** Runs an SQL file, or each statement that a file's query returns. */
export interface SqlWork {
  readonly kind: "file" | "statements";
  /** Path below `sql/maintenance`. */
  readonly file: string;
  /** psql variables of the file. */
  readonly variables: Readonly<Record<string, string | number>>;
}

export interface MaintenanceJob {
  /** Name of the job, appended to the cluster's name: lower-case letters and hyphens. */
  readonly name: string;
  readonly database: DatabaseName;
  /** Start in UTC: minute, hour, day of the month, month, day of the week (0 is Sunday). */
  readonly schedule: string;
  /** `dump` dumps the database and uploads the dump to the bucket; without a bucket there is no dump job. */
  readonly work: SqlWork | { readonly kind: "dump" };
  /** Seconds after which a run and its statement are ended. */
  readonly deadline: number;
  /** Seconds that a statement waits for a lock. */
  readonly lockWait: number;
  /** Maximum retries of a run. */
  readonly retries: number;
  readonly why: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const MiB = 2 ** 20;

/**
 * Threshold for rebuilding an index. With random keys, a B-tree settles at ln 2 = 69 % of each page (Yao, On random 2-3
 * trees, 1978), compared with 90 % when new: a quarter of it stays empty, and a rebuild would not last. Half empty is
 * more than that. Small indexes stay in memory in any case. GitLab's own jobs start at 20 % and 1 GiB, on a database of
 * terabytes.
 */
export const BLOAT = { percent: 50, minimumBytes: 64 * MiB } as const;

/**
 * Tables that are vacuumed weekly in addition to autovacuum, which starts by the number of changed rows and yields to
 * lock requests. These change most, in indexed columns.
 */
const FREQUENTLY_UPDATED_TABLES = [
  // Rows live for hours. Every login, refresh and clean-up leaves entries in all five indexes.
  "public.sessions",
  // Every rate limit is deleted once it has been idle.
  "public.rate_limits",
  // A heartbeat per minute writes to nine indexes; searches scan the pending entries of the GIN indexes.
  "public.servers",
  // Each login writes to the index of recent logins, and thereby to all others.
  "public.users",
];

export const MAINTENANCE: readonly MaintenanceJob[] = [
  {
    name: "expired-sessions",
    database: "sark",
    schedule: "*/5 * * * *",
    work: cleanUp("delete_expired_sessions", 1000),
    deadline: 4 * MINUTE,
    lockWait: 5,
    // The next run is minutes away.
    retries: 0,
    why: "Sessions end by expiring, and nothing else takes their rows away.",
  },
  {
    name: "idle-rate-limits",
    database: "sark",
    schedule: "2-59/10 * * * *",
    work: cleanUp("delete_idle_rate_limits", 10_000),
    deadline: 4 * MINUTE,
    lockWait: 5,
    retries: 0,
    why: "Each address and key that was ever limited would stay, and the table is made to fit into memory.",
  },
  {
    name: "vacuum",
    database: "sark",
    schedule: "0 4 * * 6",
    work: {
      kind: "statements",
      file: "vacuum.sql",
      variables: { tables: FREQUENTLY_UPDATED_TABLES.join(",") },
    },
    deadline: 4 * HOUR,
    // Longer than autovacuum takes to yield, which is a second.
    lockWait: MINUTE,
    retries: 2,
    why: "The guide's weekly VACUUM ANALYZE, of the tables that change all day.",
  },
  {
    name: "reindex",
    database: "sark",
    // A day after the vacuum, whose statistics it uses, and apart from the dump, whose snapshot it would wait for.
    schedule: "0 4 * * 0",
    work: {
      kind: "statements",
      file: "reindex.sql",
      variables: { bloat_percent: BLOAT.percent, minimum_bytes: BLOAT.minimumBytes },
    },
    deadline: 4 * HOUR,
    // It waits for all earlier transactions, and blocks only schema changes. Longer than a
    // read-only login's statement may run.
    lockWait: 6 * MINUTE,
    retries: 2,
    why: "The guide's monthly REINDEX, without its locks, and of what is measurably bloated only.",
  },
  {
    name: "dump",
    database: "sark",
    schedule: "0 23 * * *",
    work: { kind: "dump" },
    deadline: 3 * HOUR,
    lockWait: MINUTE,
    // Each attempt has its own volume, which is kept for an hour after the last.
    retries: 1,
    why: "The guide's daily pg_dump: one table can be taken out of it, and any later version reads it.",
  },
  {
    name: "analyze",
    database: "sark_audit",
    schedule: "0 4 * * 6",
    work: { kind: "statements", file: "analyze-hypertables.sql", variables: {} },
    deadline: 4 * HOUR,
    lockWait: MINUTE,
    retries: 2,
    why: "The guide's ANALYZE: autovacuum sees to the chunks, never to the hypertable as a whole.",
  },
];

/**
 * Jobs of a database.
 *
 * `sark_audit` has only one. Retention drops whole chunks, so there is nothing to clean up and no bloat. TimescaleDB
 * cannot rebuild an index of a hypertable concurrently. Restoring a dump of hypertables needs a superuser, a special
 * mode of the extension and its exact version; the cluster's backups contain the same rows, for any point in time.
 * @param dumps whether there is storage for dumps
 */
export function maintenanceJobs(database: DatabaseName, dumps: boolean): readonly MaintenanceJob[] {
  const own = MAINTENANCE.filter((job) => job.database === database);
  return own.filter(({ work }) => dumps || work.kind !== "dump");
}

const GiB = 2 ** 30;

/**
 * Size in bytes of the volume for a dump: half of the database's volume, in whole GiB. A dump has no indexes and is
 * compressed, so it is a fraction of the database, which is at most as large as its volume.
 */
export function dumpVolumeSize(dataVolume: number): number {
  return Math.ceil(dataVolume / 2 / GiB) * GiB;
}

/** @param batch maximum rows per transaction, the default of the function itself */
function cleanUp(name: string, batch: number): SqlWork {
  // A minute less than the deadline, for pulling the image and starting the pod.
  return {
    kind: "file",
    file: "clean-up.sql",
    variables: { function: name, batch, seconds: 3 * MINUTE },
  };
}
