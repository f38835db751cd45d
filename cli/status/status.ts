import * as fs from "node:fs";
import * as path from "node:path";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { Engine, StackRef } from "../../engine/engine";
import { STALE_OUTPUTS_NOTE, knownStack } from "../commands/known-stack";
import {
  type UnreachableAddress,
  type RoutedAddress,
  poolAddress,
  standByAddresses,
} from "./routes";
import { findLogin } from "../../engine/read-outputs";
import { probePool } from "./status-pool";
import { type ProbeResult } from "./status-probe";
import { probeServer } from "./probed-facts";
import { problemsOf, type ServerStatus, type StackStatus } from "./status-problems";
import { printStatus } from "./status-report";
import type { Terminal } from "../report/terminal";

/** Probes all servers and the pool in parallel, and prints their state and problems. Returns 1 if there is a problem. */
export async function runStatus(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const { outputs, failure } = await knownStack(engine, ref);
  const status = await askStack(outputs, ref);
  const problems = problemsOf(status, failure !== undefined);
  if (terminal.json) {
    const document = { engine: engine.name, ...documentOf(status), problems };
    await terminal.document(failure === undefined ? document : { ...document, failedRun: failure });
  } else printStatus(status, problems, terminal);
  if (failure !== undefined && !terminal.json) {
    terminal.line(terminal.paint("yellow", `Note: ${failure}. ${STALE_OUTPUTS_NOTE}`));
  }
  return problems.length > 0 ? 1 : 0;
}

async function askStack(outputs: StackOutputs, ref: StackRef): Promise<StackStatus> {
  const servers = Object.entries(outputs.servers).flatMap(([name, server]) => [
    askServer(name, "primary", server, server, outputs, ref),
    ...standByAddresses(server).map((place) =>
      askServer(`${name} replica`, "replica", server, place, outputs, ref),
    ),
  ]);
  const [answers, pool] = await Promise.all([Promise.all(servers), askPool(outputs)]);
  return { stack: ref.stack, servers: answers, pool };
}

async function askServer(
  name: string,
  expected: ServerStatus["expected"],
  server: ServerOutput,
  place: RoutedAddress | UnreachableAddress,
  outputs: StackOutputs,
  { root }: StackRef,
): Promise<ServerStatus> {
  const address = { host: place.host, port: place.port };
  const described = { name, expected, server, address };
  if ("why" in place) return { ...described, answer: { up: null, why: place.why }, pending: [] };
  const login = findLogin(outputs, `${server.database}_monitor`);
  const users = Object.values(outputs.logins)
    .filter(({ database }) => database === server.database)
    .map(({ user }) => user);
  const answer = await probeServer(server, place, login, users);
  const applied = answer.up ? answer.facts.applied : undefined;
  const wanted = new Set([...server.migrations, ...filesFor(root, server.database)]);
  const pending =
    applied === undefined ? [] : [...wanted].filter((file) => !applied.includes(file));
  return { ...described, answer, pending: pending.sort() };
}

async function askPool(outputs: StackOutputs): Promise<StackStatus["pool"]> {
  const { pool, logins } = outputs;
  if (pool === null) return null;
  const login = logins["pool_stats"];
  if (!pool.running || login === undefined) return "absent";
  const place = poolAddress(pool, outputs);
  return "why" in place ? { up: null, why: place.why } : probePool(pool, place, login);
}

function filesFor(root: string, database: string): readonly string[] {
  const folder = path.join(root, "sql", database);
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((file) => /^\d.*\.sql$/.test(file));
}

function documentOf({ stack, servers, pool }: StackStatus): object {
  return {
    stack,
    servers: servers.map(({ name, server, address, answer, pending }) => ({
      name,
      database: server.database,
      ...address,
      ...answerDocument(answer),
      ...(answer.up ? { applied: answer.facts.applied ?? null } : {}),
      budget: server.budget,
      pending,
      limits: server.limits,
    })),
    pool: poolDocument(pool),
  };
}

function poolDocument(pool: StackStatus["pool"]): object | null {
  if (pool === null) return null;
  if (pool === "absent") return { up: false, installed: false };
  return { ...answerDocument(pool), installed: true };
}

/** `up` is null for a server or pool that was not probed. */
function answerDocument(answer: ProbeResult<object>): object {
  return answer.up ? { up: true, ...answer.facts } : answer;
}
