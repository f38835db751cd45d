import { count } from "../../engine/names";
import { hostAndPort } from "../../components/text/address";
import type { ServerOutput } from "../../components/outputs/outputs";
import type { ServerFacts } from "./probed-facts";
import type { Address } from "./routes";
import type { PoolFacts } from "./status-pool";
import type { ProbeResult } from "./status-probe";
import { printable } from "../../components/text/printable";

/** One server or replica: its definition in the stack, and its answer. */
export interface ServerStatus {
  readonly name: string;
  readonly expected: "primary" | "replica";
  readonly server: ServerOutput;
  readonly address: Address;
  readonly answer: ProbeResult<ServerFacts>;
  /** Files of the checkout or of the last `up` that are not in the ledger. */
  readonly pending: readonly string[];
}

/** The health of a stack: definition and answer of each server and of the pool. */
export interface StackStatus {
  readonly stack: string;
  readonly servers: readonly ServerStatus[];
  /** Null if the stack has no pool; `absent` if PgBouncer is not installed. */
  readonly pool: ProbeResult<PoolFacts> | "absent" | null;
}

/** Lag is a problem above both limits: above one only, it is a burst or an idle primary. */
const MOST_LAG_BYTES = 64 * 1024 * 1024;
const MOST_LAG_SECONDS = 30;
/** Seconds. If a client waits longer for a server connection, the pool is too small or stuck. */
const LONGEST_WAIT_SECONDS = 5;

/**
 * Lists the problems of a stack, one sentence each. Pure.
 * @param failed whether the last run failed: then `up` is no simple remedy for pending migrations
 */
export function problemsOf({ servers, pool }: StackStatus, failed = false): readonly string[] {
  return [...servers.flatMap((server) => serverProblems(server, failed)), ...poolProblems(pool)];
}

function serverProblems(status: ServerStatus, failed: boolean): readonly string[] {
  const { name, expected, server, address, answer, pending } = status;
  if (answer.up === null) return [];
  if (!answer.up) return [downText(`${name} (${hostAndPort(address.host, address.port)})`, answer)];
  const { facts } = answer;
  const problems: string[] = [];
  if (facts.role !== expected) {
    problems.push(`${name} is a ${facts.role}, but the stack defines it as the ${expected}.`);
  }
  if (expected === "primary" && facts.applied === undefined) {
    problems.push(
      `${name}: the migration ledger cannot be read, so pending migrations are unknown.`,
    );
  }
  if (facts.shutOut.length > 0) {
    problems.push(
      `${name}: ${facts.shutOut.map(printable).join(", ")} cannot log in: the role is missing, expired, or NOLOGIN. ` +
        'Run npm run drift; docs/failures.md, "Drift", explains how to restore a role.',
    );
  }
  if (facts.unwritable !== undefined) {
    problems.push(
      `${name} answers, but a write fails: ${printable(facts.unwritable)}. ${remedyOf(facts.unwritable)}`,
    );
  }
  if (pending.length > 0) {
    const remedy = failed ? "" : `; npm run up applies ${pending.length === 1 ? "it" : "them"}`;
    problems.push(
      `${name}: ${count(pending.length, "migration")} pending (${pending.join(", ")})${remedy}.`,
    );
  }
  if (facts.sessions > server.budget) {
    problems.push(
      `${name}: ${facts.sessions} open sessions exceed the budget of ${server.budget} (max_connections ${facts.maxConnections}).`,
    );
  }
  return [...problems, ...replicationProblems(name, facts.replication)];
}

function remedyOf(reason: string): string {
  if (/no space left|disk quota/i.test(reason)) return "Free space on its data disk.";
  if (reason === "a write hangs") {
    return "A commit waits for a stand-by that does not answer. Check synchronous_standby_names and the locks.";
  }
  if (reason === "transactions are read-only") {
    return "Reset default_transaction_read_only for the server, the database or the login.";
  }
  return "Check its log.";
}

function downText(
  name: string,
  { error, hung }: { readonly error: string; readonly hung: boolean },
): string {
  if (!hung) return `${name} does not answer: ${printable(error)}.`;
  return `${name} hangs: ${printable(error)}. Check its process and its log; npm run up restarts a stopped local server.`;
}

function replicationProblems(
  name: string,
  replication: ServerFacts["replication"],
): readonly string[] {
  if (replication === undefined) return [];
  const { streaming, lagBytes, lagSeconds } = replication;
  if (!streaming) return [`${name} is not streaming: it has no connection to its primary.`];
  if (lagBytes <= MOST_LAG_BYTES || lagSeconds <= MOST_LAG_SECONDS) return [];
  return [
    `${name} is ${Math.round(lagBytes / 1024 / 1024)} MiB and ${Math.round(lagSeconds)} s behind its primary.`,
  ];
}

function poolProblems(pool: StackStatus["pool"]): readonly string[] {
  if (pool === null || pool === "absent" || pool.up === null) return [];
  if (!pool.up) return [downText("The pool", pool)];
  const { clients, maxClients, entries } = pool.facts;
  const full =
    clients >= maxClients ? [`The pool is full: ${clients} of ${maxClients} clients.`] : [];
  const stuck = Object.entries(entries)
    .filter(([, entry]) => entry.clientsWaiting > 0 && entry.longestWait > LONGEST_WAIT_SECONDS)
    .map(
      ([name, { clientsWaiting, longestWait }]) =>
        `The pool's entry ${name}: ${count(clientsWaiting, "client")} waiting, for up to ${Math.round(longestWait)} s.`,
    );
  return [...full, ...stuck];
}
