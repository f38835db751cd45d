import { routeText } from "./routes";
import { hostAndPort } from "../../components/text/address";
import { productOf } from "../../engine/read-outputs";
import type { ServerStatus, StackStatus } from "./status-problems";
import type { ServerFacts } from "./probed-facts";
import type { NotProbed } from "./status-probe";
import type { Terminal } from "../report/terminal";

/** Prints a block for each server and the pool, then the problems. */
export function printStatus(
  { servers, pool }: StackStatus,
  problems: readonly string[],
  terminal: Terminal,
): void {
  for (const server of servers) printServer(server, terminal);
  printPool(pool, terminal);
  terminal.line();
  for (const problem of problems) terminal.line(terminal.paint("red", `Problem: ${problem}`));
  if (problems.length > 0) return;
  const all = [...servers.map(({ answer }) => answer), pool].every((each) => !isUnasked(each));
  terminal.line(terminal.paint("green", all ? "All healthy." : "Everything checked is healthy."));
}

function isUnasked(answer: ServerStatus["answer"] | StackStatus["pool"]): answer is NotProbed {
  return answer !== null && answer !== "absent" && answer.up === null;
}

function printServer(status: ServerStatus, terminal: Terminal): void {
  const { name, expected, server, address, answer, pending } = status;
  const title = terminal.paint("bold", name);
  const place = hostAndPort(address.host, address.port);
  if (isUnasked(answer)) {
    terminal.line(`${title}  ${unaskedText(answer, terminal)}  ${place}`);
    return;
  }
  const state = answer.up ? terminal.paint("green", "up") : downText(answer, terminal);
  terminal.line(`${title}  ${state}  ${place}${routeText(server.relay)}`);
  if (!answer.up) return;
  const { facts } = answer;
  terminal.line(`  version      ${productOf(server)}, server ${facts.version}`);
  terminal.line(`  role         ${facts.role}${replicationText(facts.replication)}`);
  terminal.line(
    `  sessions     ${facts.sessions} of ${facts.maxConnections}, budget ${server.budget}`,
  );
  if (expected === "replica") return;
  const extensions = Object.entries(facts.extensions).map(
    ([extension, version]) => `${extension} ${version}`,
  );
  terminal.line(`  extensions   ${extensions.join(", ") || "none"}`);
  const applied =
    facts.applied === undefined ? "ledger unreadable" : `${facts.applied.length} applied`;
  terminal.line(`  migrations   ${applied}, ${pending.length} pending`);
  for (const limit of server.limits) terminal.line(`  limit        ${limit}`);
}

function downText({ hung }: { readonly hung: boolean }, terminal: Terminal): string {
  return terminal.paint("red", hung ? "hung" : "no answer");
}

function unaskedText({ why }: NotProbed, terminal: Terminal): string {
  return `${terminal.paint("yellow", "not checked")}, ${why}`;
}

function replicationText(replication: ServerFacts["replication"]): string {
  if (replication === undefined) return "";
  const { streaming, lagBytes, lagSeconds } = replication;
  return `, ${streaming ? "streaming" : "not streaming"}, ${lagBytes} bytes and ${lagSeconds.toFixed(1)} s behind`;
}

function printPool(pool: StackStatus["pool"], terminal: Terminal): void {
  if (pool === null) return;
  const title = terminal.paint("bold", "pool");
  if (pool === "absent") {
    terminal.line(`${title}  not running (PgBouncer is not installed)`);
    return;
  }
  if (isUnasked(pool)) {
    terminal.line(`${title}  ${unaskedText(pool, terminal)}`);
    return;
  }
  if (!pool.up) {
    terminal.line(`${title}  ${downText(pool, terminal)}`);
    return;
  }
  const { scope, version, clients, maxClients, entries } = pool.facts;
  const part = scope === "instance" ? "one instance: " : "";
  terminal.line(
    `${title}  ${terminal.paint("green", "up")}  ${part}PgBouncer ${version}, ${clients} of ${maxClients} clients`,
  );
  const width = Math.max(0, ...Object.keys(entries).map((name) => name.length));
  for (const [name, entry] of Object.entries(entries)) {
    const used = entry.serversActive + entry.serversIdle;
    const most = entry.maxServers > 0 ? ` of ${entry.maxServers}` : "";
    terminal.line(
      `  ${name.padEnd(width)}  ${entry.mode}, clients ${entry.clientsActive} active and ${entry.clientsWaiting} waiting, ` +
        `server connections ${used}${most} (${entry.serversActive} active, ${entry.poolSize} for each login)`,
    );
  }
}
