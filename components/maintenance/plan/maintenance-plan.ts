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

/** Restores the newest base backup from the bucket into a scratch server, recovers it to the present, and checks it. */
export interface DrillWork {
  readonly kind: "restore drill";
  /** Whether every row is compared with a record of the primary's tables; otherwise the digests of the trail are. */
  readonly tables: boolean;
}

export interface MaintenanceJob {
  /** Name of the job, appended to the cluster's name: lower-case letters and hyphens. */
  readonly name: string;
  readonly database: DatabaseName;
  /** Start in UTC: minute, hour, day of the month, month, day of the week (0 is Sunday). */
  readonly schedule: string;
  /** `dump` dumps the database, and uploads the dump to the bucket while it is made. */
  readonly work: SqlWork | { readonly kind: "dump" } | DrillWork;
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
    retries: 1,
    why: "The guide's daily pg_dump: one table can be taken out of it, and any later version reads it.",
  },
  {
    name: "restore-drill",
    database: "sark",
    // After the night's base backup by the default schedule, when vacuum and reindex are not running.
    schedule: "30 5 * * 1",
    work: { kind: "restore drill", tables: true },
    deadline: 12 * HOUR,
    lockWait: MINUTE,
    // Another attempt would need another volume; the fault is in the archive, not in the run.
    retries: 0,
    why: "A backup that was never restored is a hope.",
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
  {
    name: "restore-drill",
    database: "sark_audit",
    schedule: "30 5 * * 2",
    // The jobs' login may not read the trail, and each day's digest is a record of its rows already.
    work: { kind: "restore drill", tables: false },
    deadline: 12 * HOUR,
    lockWait: MINUTE,
    retries: 0,
    why: "A backup that was never restored is a hope.",
  },
];

/** Storage that jobs of a database depend on. */
export interface JobStorage {
  /** Whether there is a bucket for dumps. */
  readonly dumps: boolean;
  /** Whether the servers keep base backups and WAL in it. */
  readonly archive: boolean;
}

/**
 * Jobs of a database.
 *
 * `sark_audit` has few. Retention drops whole chunks, so there is nothing to clean up and no bloat. TimescaleDB cannot
 * rebuild an index of a hypertable concurrently. It has no dump: restoring one needs a superuser, a special mode of the
 * extension and its exact version, and the jobs' login may not read the trail. The cluster's backups contain the same
 * rows, for any point in time, and the restore drill proves them.
 */
export function maintenanceJobs(
  database: DatabaseName,
  { dumps, archive }: JobStorage,
): readonly MaintenanceJob[] {
  const stored = { dump: dumps, "restore drill": archive, file: true, statements: true };
  return MAINTENANCE.filter((job) => job.database === database && stored[job.work.kind]);
}

/** Maximum sessions of jobs at the same time. While a dump is made, another session holds its snapshot. */
export function jobSessions(jobs: readonly MaintenanceJob[]): number {
  return jobs.length + jobs.filter(({ work }) => work.kind === "dump").length;
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
