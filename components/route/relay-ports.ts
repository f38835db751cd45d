import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "../text/problem";
import type { RelayPort } from "./plan/relay-port-plan";
import type { DatabaseName } from "../roles/plan/role-plan";
import { settingKey } from "../settings/plan/setting-key";
import { portHolder } from "../homes/local/processes/ports";
import { type LoopbackPort, listenOnLoopback, unopenedPort } from "./loopback-port";

/** Milliseconds for the previous run, such as the preview of an `up`, to release its ports. */
const RELEASE_TIMEOUT = 2_000;
const RETRY_INTERVAL = 100;

/**
 * Servers of the previous run in the same process: the embedded engine runs the program twice, to plan and to apply.
 */
const PREVIOUS_SERVERS: unique symbol = Symbol.for("sark-databases:relay-ports");
const shared = globalThis as { [PREVIOUS_SERVERS]?: readonly Server[] };

/** Ports of a stack's relays, and problems of the settings that name them. */
export interface OpenedPorts {
  readonly ports: ReadonlyMap<DatabaseName, LoopbackPort>;
  readonly problems: readonly Problem[];
}

/** How a run of the program uses the relays. */
export interface RelayUse {
  /** In a plan no client connects, and the same settings must give the same plan even beside another run. */
  readonly plan: boolean;
  /** In a refresh, providers connect to the port that was recorded when the stack was created. */
  readonly refresh: boolean;
}

/**
 * Listens on the relay ports of a stack. A configured port that is taken is a problem. In place of the usual port, any
 * free one is used when clients will connect.
 */
export async function openRelayPorts(
  wanted: readonly RelayPort[],
  { plan, refresh }: RelayUse,
  patience = RELEASE_TIMEOUT,
): Promise<OpenedPorts> {
  const ports = new Map<DatabaseName, LoopbackPort>();
  const problems: Problem[] = [];
  release(shared[PREVIOUS_SERVERS]);
  for (const relay of wanted) {
    const { port, named } = relay;
    const held = await waitForPort(port, plan && !named && !refresh ? 0 : patience);
    if (held !== undefined) ports.set(relay.database, held);
    else if (named || refresh) problems.push(takenProblem(relay));
    else if (plan && port !== undefined) ports.set(relay.database, unopenedPort(port));
    else ports.set(relay.database, await listenOnLoopback());
  }
  const held = [...ports.values()].map(({ server }) => server);
  if (problems.length > 0) release(held);
  else shared[PREVIOUS_SERVERS] = held;
  return { ports, problems };
}

/** Stops accepting connections; open sessions continue. */
function release(servers: readonly Server[] = []): void {
  for (const server of servers) server.close();
}

/** @returns undefined when another process holds the port */
async function waitForPort(
  port: number | undefined,
  patience: number,
): Promise<LoopbackPort | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await listenOnLoopback(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (Date.now() + RETRY_INTERVAL > deadline) return undefined;
    }
    await sleep(RETRY_INTERVAL);
  }
}

function takenProblem({ database, setting, port = 0 }: RelayPort): Problem {
  const holder = portHolder(port) ?? "another process";
  return {
    key: settingKey(setting),
    value: port,
    allowed: "a port that is free on this machine, or unset, for a free port",
    why:
      `${holder} is listening on it, and this program needs it to reach ${database}; ` +
      "end that process, or wait if it is another run of this program",
  };
}
