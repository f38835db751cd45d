/**
 * Measures failovers of two real servers behind a real PgBouncer, with and without the pool settings of Kubernetes.
 * Needs root, Linux with network namespaces, iproute2 and pgbouncer. Writes Markdown.
 *
 *   npm run bench:failover -- [repetitions]
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PgBouncerSettings } from "../components/pool/plan/pgbouncer-ini";
import { serviceUser } from "../components/homes/local/processes/service-user";
import { makeAuthority } from "../scratch/certificates";
import {
  SERVICE,
  createNetwork,
  moveService,
  removeNetwork,
  setReachable,
} from "./failover/failover-network";
import { BenchPool } from "./failover/pool";
import { Servers } from "./failover/failover-servers";
import { WritingClient } from "./failover/writing-client";
import { quartiles, formatQuartiles } from "./timing";

/** The settings before they were tuned. */
const BEFORE: PgBouncerSettings = {
  server_login_retry: 1,
  server_connect_timeout: 15,
  tcp_keepidle: 15,
  tcp_keepintvl: 5,
  tcp_user_timeout: 30_000,
};
const VARIANTS: Readonly<Record<string, PgBouncerSettings>> = {
  before: BEFORE,
  now: {},
};

interface Scenario {
  /** Seconds until the stand-by is promoted. The operator takes longer, but this is enough to show each effect. */
  readonly seconds: number;
  /** Ends the primary, and returns when it is gone. */
  readonly end: (servers: Servers) => Promise<void> | void;
  /** Whether the failure is silent: the Service still points to the primary, and packets to it are lost. */
  readonly isLost?: true;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "clean stop": { seconds: 0, end: (servers) => servers.end("a") },
  crash: { seconds: 4, end: (servers) => servers.crash("a") },
  "lost node": {
    seconds: 10,
    end: () => {
      setReachable("a", false);
    },
    isLost: true,
  },
};

/** Number of clients. The last two open a new connection for each row. */
const CLIENTS = 22;

interface Times {
  /** Milliseconds without a primary. */
  readonly without: number;
  /** Milliseconds from the new primary until every client has written again. */
  readonly added: number;
  readonly gap: number;
}

async function round(
  servers: Servers,
  pool: BenchPool,
  { seconds, end, isLost }: Scenario,
  settings: PgBouncerSettings,
): Promise<Times> {
  moveService("a");
  await servers.start();
  await pool.start(settings);
  const clients = Array.from({ length: CLIENTS }, (_, at) => new WritingClient(at < CLIENTS - 2));
  const running = clients.map((client) => client.run(pool));
  await sleep(2500 + Math.random() * 1000);
  const gone = performance.now();
  await end(servers);
  if (!isLost) moveService("none");
  await sleep(seconds * 1000);
  await servers.promote("b");
  moveService("b");
  const ready = performance.now();
  while (clients.some(({ last }) => last < ready)) await sleep(20);
  const added = performance.now() - ready;
  for (const client of clients) client.stop();
  await Promise.all(running);
  await pool.end();
  if (isLost) setReachable("a", true);
  for (const node of ["a", "b"] as const) await servers.end(node, "SIGQUIT");
  return { without: ready - gone, added, gap: Math.max(...clients.map(({ gap }) => gap)) };
}

async function main(repetitions: number): Promise<void> {
  const user = serviceUser();
  if (user === undefined)
    throw new Error("run this benchmark as root: it needs network namespaces");
  createNetwork();
  const authority = makeAuthority("failover");
  const servers = new Servers(user);
  const pool = new BenchPool(authority, user);
  try {
    await servers.prepare(authority.sign(`IP:${SERVICE}`));
    console.log(`Seconds: median of ${repetitions} repetitions (quartiles in brackets).\n`);
    console.log("| Event | Settings | Without a primary | Added by PgBouncer | Longest gap |");
    console.log("| --- | --- | --- | --- | --- |");
    for (const [event, scenario] of Object.entries(SCENARIOS)) {
      const times = new Map(Object.keys(VARIANTS).map((name): [string, Times[]] => [name, []]));
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const turns = Object.entries(VARIANTS);
        for (const [name, settings] of repetition % 2 === 1 ? turns.reverse() : turns) {
          times.get(name)?.push(await round(servers, pool, scenario, settings));
        }
      }
      for (const [name, taken] of times) {
        const of = (part: keyof Times) =>
          formatQuartiles(quartiles(taken.map((each) => each[part] / 1000)));
        console.log(`| ${event} | ${name} | ${of("without")} | ${of("added")} | ${of("gap")} |`);
      }
    }
  } finally {
    for (const node of ["a", "b"] as const) await servers.end(node, "SIGQUIT");
    removeNetwork();
    for (const { folder } of [servers, pool]) rmSync(folder, { recursive: true, force: true });
  }
}

void main(Number(process.argv[2] ?? 5));
