import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { QueryFile } from "../../components/queries/plan/query-file";
import { hostAndPort } from "../../components/text/address";
import { printableJson } from "../../components/text/printable";
import { type Engine, type StackRef, UserError } from "../../engine/engine";
import { STALE_OUTPUTS_NOTE, knownStack } from "../commands/known-stack";
import { readQueries } from "../../components/queries/query-folder";
import {
  type UnreachableAddress,
  type RoutedAddress,
  poolAddress,
  routeText,
  standByAddresses,
} from "./routes";
import { findLogin } from "../../engine/read-outputs";
import { interrupted } from "./interrupted";
import { measuredObjectives } from "./measured-objectives";
import { probePool } from "./status-pool";
import { probeServer } from "./probed-facts";
import { messageOf } from "./status-probe";
import { statusDocument } from "./status-document";
import { statusPage } from "./status-page";
import { problemsOf, type ServerStatus, type StackStatus } from "./status-problems";
import { printStatus, type Reading } from "./status-report";
import type { Terminal } from "../report/terminal";

export interface StatusOptions {
  /** Prints every objective. @default - those that are not good */
  readonly all?: boolean | undefined;
  /** Repeats after so many seconds. @default - once */
  readonly watch?: number | undefined;
  /** File of a page to write. */
  readonly html?: string | undefined;
  /** Ends the repetition. @default - Ctrl-C does */
  readonly signal?: AbortSignal;
}

/** Readings that a page shows. */
const KEPT_READINGS = 60;
/** Seconds over which rates are computed at most; the objectives' rates have this window, too. */
const RATE_WINDOW = 300;

/**
 * Probes all servers and the pool in parallel, and prints their state, objectives and problems. Returns 1 if there is a
 * problem or a critical objective.
 */
export async function runStatus(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  options: StatusOptions = {},
): Promise<number> {
  const { outputs, failure } = await knownStack(engine, ref);
  const queries = queriesOf(ref);
  const { watch, html } = options;
  const signal = watch === undefined ? undefined : (options.signal ?? interrupted());
  let readings: readonly TimedReading[] = [];
  for (;;) {
    const reading = await read(outputs, ref, queries, failure !== undefined, readings);
    readings = [...readings, reading].slice(-KEPT_READINGS);
    if (html !== undefined) writePage(html, statusPage(readings, reading.time));
    if (terminal.json) {
      const failed = failure === undefined ? {} : { failedRun: failure };
      const document = { engine: engine.name, ...statusDocument(reading), ...failed };
      if (watch === undefined) await terminal.document(document);
      else await terminal.writeExact(printableJson(document));
    } else {
      if (watch !== undefined) terminal.clear();
      printStatus(reading, terminal, options.all === true);
      if (failure !== undefined) {
        terminal.line(terminal.paint("yellow", `Note: ${failure}. ${STALE_OUTPUTS_NOTE}`));
      }
    }
    // Rejects when the signal comes.
    if (watch !== undefined) {
      await setTimeout(watch * 1000, undefined, { signal }).catch(() => undefined);
    }
    if (watch === undefined || signal?.aborted === true) return isBad(reading) ? 1 : 0;
  }
}

interface TimedReading extends Reading {
  readonly time: Date;
}

async function read(
  outputs: StackOutputs,
  ref: StackRef,
  queries: readonly QueryFile[],
  failed: boolean,
  readings: readonly TimedReading[],
): Promise<TimedReading> {
  const status = await askStack(outputs, ref, queries);
  const time = new Date();
  const earlier = readings.find(
    (each) => time.getTime() - each.time.getTime() <= RATE_WINDOW * 1000,
  );
  const measures = { queries, overrides: outputs.objectives };
  return {
    time,
    status,
    measured: measuredObjectives(status, measures, (earlier ?? readings.at(-1))?.status),
    problems: problemsOf(status, failed),
  };
}

function isBad({ measured, problems }: Reading): boolean {
  return (
    problems.length > 0 ||
    measured.some(({ objectives }) => objectives.some(({ state }) => state === "critical"))
  );
}

/** Replaces the file at once, so that no reader sees half a page. @throws UserError if it cannot be written */
function writePage(file: string, page: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(draft, page);
    fs.renameSync(draft, file);
  } catch (error) {
    throw new UserError(`--html: the page cannot be written: ${messageOf(error)}`);
  }
}

function queriesOf({ root }: StackRef): readonly QueryFile[] {
  return fs.existsSync(path.join(root, "sql")) ? readQueries(root) : [];
}

async function askStack(
  outputs: StackOutputs,
  ref: StackRef,
  queries: readonly QueryFile[],
): Promise<StackStatus> {
  const servers = Object.entries(outputs.servers).flatMap(([name, server]) => [
    askServer(name, "primary", server, server, outputs, ref, queries),
    ...standByAddresses(server).map((place) =>
      askServer(`${name} replica`, "replica", server, place, outputs, ref, queries),
    ),
  ]);
  const [answers, pool] = await Promise.all([Promise.all(servers), askPool(outputs)]);
  const place = outputs.pool ? { poolPlace: placeOf(poolAddress(outputs.pool, outputs)) } : {};
  return { stack: ref.stack, servers: answers, pool, ...place };
}

async function askServer(
  name: string,
  expected: ServerStatus["expected"],
  server: ServerOutput,
  place: RoutedAddress | UnreachableAddress,
  outputs: StackOutputs,
  { root }: StackRef,
  queries: readonly QueryFile[],
): Promise<ServerStatus> {
  const address = { host: place.host, port: place.port };
  const described = { name, expected, server, address };
  if ("why" in place) return { ...described, answer: { up: null, why: place.why }, pending: [] };
  const login = findLogin(outputs, `${server.database}_monitor`);
  const users = Object.values(outputs.logins)
    .filter(({ database }) => database === server.database)
    .map(({ user }) => user);
  const answer = await probeServer(server, place, login, users, queries);
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

function placeOf(place: RoutedAddress | UnreachableAddress): string {
  const route = "why" in place ? "" : routeText(place.relay);
  return `${hostAndPort(place.host, place.port)}${route}`;
}
