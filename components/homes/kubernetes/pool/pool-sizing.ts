import { parseSetting } from "../../../parameters/parameters";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import { rolePlan } from "../../../roles/plan/role-plan";

const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** PgBouncer without a connection, the shells beside it, and the client of a liveness probe. */
const BASE = 64 * MiB;

/**
 * A client or a server connection: 21 KiB with TLS (PgBouncer 1.25.2 and OpenSSL 3.0, measured over 500 idle clients),
 * and up to four packet buffers of 4 KiB in which a prepared statement is rewritten (PgBouncer's documentation of
 * `max_prepared_statements`), rounded up.
 */
const CONNECTION = 40 * KiB;

/** What a container asks for: processors, and memory in bytes, which is its limit as well. */
interface Share {
  readonly cpu: number;
  readonly memory: number;
}

/** One instance of PgBouncer with all the connections that it may hold. */
export function poolShare(maxClients: number, entries: readonly PoolEntryPlan[]): Share {
  const servers = entries.reduce((total, entry) => total + entry.maxDbConnections, 0);
  const bytes = BASE + CONNECTION * (maxClients + servers);
  return { cpu: 0.25, memory: Math.ceil(bytes / (32 * MiB)) * 32 * MiB };
}

/** The exporter beside each instance. */
export const EXPORTER_SHARE: Share = { cpu: 0.01, memory: 64 * MiB };

/** Seconds of an ending instance. */
export interface Drain {
  /** In which every node learns that no new client may be sent to it; until then it goes on as before. */
  readonly notice: number;
  /** After which it is killed. */
  readonly grace: number;
}

/**
 * A running transaction may end before its instance does. The longest statement that the pool's logins may run
 * is the measure; a client of the session pool that stays keeps its instance to the end of the time.
 */
export function drainTime(entries: readonly PoolEntryPlan[]): Drain {
  const notice = 10;
  const limits = entries
    .flatMap(({ database }) => rolePlan(database, 1).roles)
    .filter(({ pooled }) => pooled)
    .map(({ settings }) =>
      Number(parseSetting(18, "statement_timeout", settings["statement_timeout"] ?? "0")),
    );
  return { notice, grace: notice + Math.max(...limits) / 1000 + 20 };
}
