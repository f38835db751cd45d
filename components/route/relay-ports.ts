import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "../text/problem";
import type { RelayPort } from "./plan/relay-port-plan";
import type { DatabaseName } from "../roles/plan/role-plan";
import { settingKey } from "../settings/plan/setting-key";
import { portHolder } from "../homes/local/processes/ports";
import { type LoopbackPort, holdPort, plannedPort } from "./loopback-port";

/** Milliseconds in which the run before this one, such as the preview of an `up`, lets go of its ports. */
const PATIENCE = 2_000;
const PAUSE = 100;

/** Servers of the run before this one in the same process: the embedded engine runs the program to plan, and again. */
const BEFORE: unique symbol = Symbol.for("sark-databases:relay-ports");
const shared = globalThis as { [BEFORE]?: readonly Server[] };

/** The ports of a stack's relays, and what is wrong with the settings that name them. */
export interface HeldPorts {
  readonly ports: ReadonlyMap<DatabaseName, LoopbackPort>;
  readonly problems: readonly Problem[];
}

/** What a run of the program does with the relays. */
export interface RelayUse {
  /** A plan: nobody connects, and the same settings have to make the same plan, whatever runs beside it. */
  readonly plan: boolean;
  /** A look at what there is, by providers that were told the usual port when the stack was made. */
  readonly refresh: boolean;
}

/**
 * Listens on the ports of a stack's relays. A named port that is taken is a problem; in place of the usual one any free
 * port will do, where somebody connects.
 */
export async function holdRelayPorts(
  wanted: readonly RelayPort[],
  { plan, refresh }: RelayUse,
  patience = PATIENCE,
): Promise<HeldPorts> {
  const ports = new Map<DatabaseName, LoopbackPort>();
  const problems: Problem[] = [];
  release(shared[BEFORE]);
  for (const relay of wanted) {
    const { port, named } = relay;
    const held = await waitForPort(port, plan && !named && !refresh ? 0 : patience);
    if (held !== undefined) ports.set(relay.database, held);
    else if (named || refresh) problems.push(takenProblem(relay));
    else if (plan && port !== undefined) ports.set(relay.database, plannedPort(port));
    else ports.set(relay.database, await holdPort());
  }
  const held = [...ports.values()].map(({ server }) => server);
  if (problems.length > 0) release(held);
  else shared[BEFORE] = held;
  return { ports, problems };
}

/** Nobody connects any more; sessions go on. */
function release(servers: readonly Server[] = []): void {
  for (const server of servers) server.close();
}

/** @returns undefined when somebody else keeps it */
async function waitForPort(
  port: number | undefined,
  patience: number,
): Promise<LoopbackPort | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await holdPort(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (Date.now() + PAUSE > deadline) return undefined;
    }
    await sleep(PAUSE);
  }
}

function takenProblem({ database, setting, port = 0 }: RelayPort): Problem {
  const holder = portHolder(port) ?? "another process";
  return {
    key: settingKey(setting),
    value: port,
    allowed: "a port that is free on this machine, or nothing: then the program finds one",
    why:
      `${holder} listens on it, and the program reaches ${database} through it; ` +
      "end that process, or wait for it if it is another run of this program",
  };
}
