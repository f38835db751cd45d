import type { DatabaseName } from "../../roles/plan/role-plan";

/**
 * The jobs of databases on Kubernetes and on AWS: what the guide asks for, and neither the server nor its operator does.
 * Pure data; `components/homes/kubernetes/maintenance` turns it into CronJobs. To add a job, add it to {@link MAINTENANCE} and
 * nowhere else; its SQL goes to `sql/maintenance`.
 */

/** Runs a file of SQL, or the statements that a file's query answers with, each on its own. */
export interface SqlWork {
  readonly kind: "file" | "statements";
  /** Below `sql/maintenance`. */
  readonly file: string;
  /** Variables of psql that the file reads. */
  readonly variables: Readonly<Record<string, string | number>>;
}

export interface MaintenanceJob {
  /** What the job is called, behind the cluster's name: lower-case letters and hyphens. */
  readonly name: string;
  readonly database: DatabaseName;
  /** When it starts, in UTC: minute, hour, day of the month, month, day of the week (0 is Sunday). */
  readonly schedule: string;
  /** `dump` dumps the database and copies the dump to the bucket. Without a bucket there is no such job. */
  readonly work: SqlWork | { readonly kind: "dump" };
  /** Seconds after which a run is ended, and its statement with it. */
  readonly deadline: number;
  /** Seconds that a statement waits for a lock. */
  readonly lockWait: number;
  /** Times that a run is tried again. */
  readonly retries: number;
  readonly why: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const MiB = 2 ** 20;

/**
 * When an index is rebuilt. A B-tree into which keys come in no order settles at ln 2, 69 %, of each page filled (Yao,
 * On random 2-3 trees, 1978), against 90 % when it is new: a quarter of it is air for good, and rebuilding would not
 * keep. At half it is more than that. Small ones stay in memory whatever they are; GitLab's own jobs begin at 20 % and
 * 1 GiB, on a database of terabytes.
 */
export const BLOAT = { percent: 50, minimumBytes: 64 * MiB } as const;

/**
 * Tables that are vacuumed each week besides autovacuum. It goes by how many rows have changed and gives way to
 * whoever wants a lock; these change the most, in columns that are indexed.
 */
const CHURNED = [
  // Rows live for hours. Every login, refresh and clean-up leaves entries in all five indexes.
  "public.sessions",
  // Everything that is limited is deleted once it has been idle.
  "public.rate_limits",
  // A heartbeat a minute writes to nine indexes; searches read the pending entries of the GIN indexes one by one.
  "public.servers",
  // Each login writes to the index of recent logins, and to all others with it.
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
    work: { kind: "statements", file: "vacuum.sql", variables: { tables: CHURNED.join(",") } },
    deadline: 4 * HOUR,
    // Longer than autovacuum takes to give way, which is a second.
    lockWait: MINUTE,
    retries: 2,
    why: "The guide's weekly VACUUM ANALYZE, of the tables that change all day.",
  },
  {
    name: "reindex",
    database: "sark",
    // A day after the vacuum, whose statistics it goes by, and out of the dump's way, whose snapshot it would wait for.
    schedule: "0 4 * * 0",
    work: {
      kind: "statements",
      file: "reindex.sql",
      variables: { bloat_percent: BLOAT.percent, minimum_bytes: BLOAT.minimumBytes },
    },
    deadline: 4 * HOUR,
    // It waits for every transaction that began before it, and holds nobody up but changes of the schema. Longer than
    // a read-only login's statement may run.
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
    // Each try has a volume of its own, until an hour after the last.
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
 * The jobs of a database.
 *
 * `sark_audit` has no more than that, for these reasons. Retention drops whole chunks, so there is nothing to clean up
 * and no bloat. TimescaleDB refuses to rebuild a hypertable's index concurrently. A dump of hypertables is restored
 * with the extension in a mode of its own, by a superuser, into the same version of it; the backups of the cluster hold
 * the same rows, to any point in time.
 * @param dumps whether there is storage for dumps
 */
export function jobsOf(database: DatabaseName, dumps: boolean): readonly MaintenanceJob[] {
  const own = MAINTENANCE.filter((job) => job.database === database);
  return own.filter(({ work }) => dumps || work.kind !== "dump");
}

const GiB = 2 ** 30;

/**
 * Size in bytes of the volume that a dump is written to: half of the database's, in whole GiB. A dump has no indexes
 * and is compressed, so it is a fraction of the database, and the database is no larger than its volume.
 */
export function dumpVolumeSize(dataVolume: number): number {
  return Math.ceil(dataVolume / 2 / GiB) * GiB;
}

/** @param batch rows at most in one transaction, the default of the function itself */
function cleanUp(name: string, batch: number): SqlWork {
  // A minute less than the deadline: pulling an image and starting a pod take part of it.
  return {
    kind: "file",
    file: "clean-up.sql",
    variables: { function: name, batch, seconds: 3 * MINUTE },
  };
}
