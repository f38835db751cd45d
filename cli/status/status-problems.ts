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
  /** The pool's address, with the route to it. */
  readonly poolPlace?: string;
}

/** A sentence on what is wrong, and the objectives that say the same. */
export interface Problem {
  readonly text: string;
  readonly covers?: readonly ObjectiveOf[];
}

/** An objective of a server, or of the pool. */
export interface ObjectiveOf {
  readonly server: string;
  readonly objective: string;
}

/**
 * Lists the problems of a stack, one sentence each. Pure.
 * @param failed whether the last run failed: then `up` is no simple remedy for pending migrations
 */
export function problemsOf({ servers, pool }: StackStatus, failed = false): readonly Problem[] {
  return [
    ...servers.flatMap((server) => serverProblems(server, primaryOf(server, servers), failed)),
    ...poolProblems(pool),
  ];
}

function primaryOf({ server }: ServerStatus, servers: readonly ServerStatus[]): string | undefined {
  return servers.find((other) => other.server === server && other.expected === "primary")?.name;
}

function serverProblems(
  status: ServerStatus,
  primary = status.name,
  failed: boolean,
): readonly Problem[] {
  const { name, expected, server, address, answer, pending } = status;
  const covers = (...objectives: readonly string[]): readonly ObjectiveOf[] =>
    objectives.map((objective) => ({ server: name, objective }));
  const missing = { server: primary, objective: "replicas-missing" };
  if (answer.up === null) return [];
  if (!answer.up) {
    const text = downText(`${name} (${hostAndPort(address.host, address.port)})`, answer);
    return [{ text, covers: [...covers("server-down"), missing] }];
  }
  const { facts } = answer;
  const problems: Problem[] = [];
  const add = (text: string, ...covered: readonly ObjectiveOf[]): void => {
    problems.push({ text, covers: covered });
  };
  if (facts.role !== expected) {
    add(`${name} is a ${facts.role}, but the stack defines it as the ${expected}.`);
  }
  if (expected === "primary" && facts.applied === undefined) {
    add(
      `${name}: the migration ledger cannot be read, so pending migrations are unknown.`,
      ...covers("pending-migrations", "unfinished-migration"),
    );
  }
  if (facts.shutOut.length > 0) {
    add(
      `${name}: ${facts.shutOut.map(printable).join(", ")} cannot log in: the role is missing, expired, or NOLOGIN. ` +
        'Run npm run drift; docs/failures.md, "Drift", explains how to restore a role.',
    );
  }
  if (facts.unwritable !== undefined) {
    add(
      `${name} answers, but a write fails: ${printable(facts.unwritable)}. ${remedyOf(facts.unwritable)}`,
    );
  }
  if (pending.length > 0) {
    const remedy = failed ? "" : `; npm run up applies ${pending.length === 1 ? "it" : "them"}`;
    add(
      `${name}: ${count(pending.length, "migration")} pending (${pending.join(", ")})${remedy}.`,
      ...covers("pending-migrations"),
    );
  }
  if (facts.sessions > server.budget) {
    add(
      `${name}: ${facts.sessions} open sessions exceed the budget of ${server.budget} (max_connections ${facts.maxConnections}).`,
      ...covers("connections"),
    );
  }
  if (facts.replication?.streaming === false) {
    add(`${name} is not streaming: it has no connection to its primary.`, missing);
  }
  return problems;
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

function poolProblems(pool: StackStatus["pool"]): readonly Problem[] {
  if (pool === null || pool === "absent" || pool.up !== false) return [];
  return [
    { text: downText("The pool", pool), covers: [{ server: "pool", objective: "pool-down" }] },
  ];
}
