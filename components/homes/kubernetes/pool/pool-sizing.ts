import { parseSetting } from "../../../parameters/parameters";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import { rolePlan } from "../../../roles/plan/role-plan";

const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** Base memory: PgBouncer without connections, the shells beside it, and a liveness probe's client. */
const BASE = 64 * MiB;

/**
 * Memory of a client or server connection: 21 KiB with TLS (PgBouncer 1.25.2 and OpenSSL 3.0, measured over 500 idle
 * clients), plus up to four packet buffers of 4 KiB that rewrite prepared statements (PgBouncer's documentation of
 * `max_prepared_statements`), rounded up.
 */
const CONNECTION = 40 * KiB;

/** Resources of a container: CPUs, and memory in bytes, which is both request and limit. */
interface Share {
  readonly cpu: number;
  readonly memory: number;
}

/** Resources of a PgBouncer instance with all its possible connections. */
export function poolResources(maxClients: number, entries: readonly PoolEntryPlan[]): Share {
  const servers = entries.reduce((total, entry) => total + entry.maxDbConnections, 0);
  const bytes = BASE + CONNECTION * (maxClients + servers);
  return { cpu: 0.25, memory: Math.ceil(bytes / (32 * MiB)) * 32 * MiB };
}

/** Resources of the exporter in each pod. */
export const EXPORTER_RESOURCES: Share = { cpu: 0.01, memory: 64 * MiB };

/** Shutdown times of an instance, in seconds. */
export interface ShutdownTimes {
  /** Time for every node to stop routing new clients to it; meanwhile it works normally. */
  readonly preStop: number;
  /** Time until it is killed. */
  readonly grace: number;
}

/**
 * Computes the shutdown times, so that running transactions can finish. The longest statement_timeout of the pool's
 * logins is the measure; a session pool client that stays holds its instance for the whole time.
 */
export function shutdownTimes(entries: readonly PoolEntryPlan[]): ShutdownTimes {
  const notice = 10;
  const limits = entries
    .flatMap(({ database }) => rolePlan(database, 1).roles)
    .filter(({ pooled }) => pooled)
    .map(({ settings }) =>
      Number(parseSetting(18, "statement_timeout", settings["statement_timeout"] ?? "0")),
    );
  return { preStop: notice, grace: notice + Math.max(...limits) / 1000 + 20 };
}
