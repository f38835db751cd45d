import { findHome } from "../../components/homes/plan/registry";
import type {
  PoolOutput,
  PrometheusOutput,
  ServerOutput,
  StackOutputs,
} from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { printable } from "../../components/text/printable";
import type { StackRef } from "../../engine/engine";
import { count } from "../../engine/names";
import { npmCommand, productOf, replicaOf } from "../../engine/read-outputs";
import type { Terminal } from "./terminal";

/**
 * Prints the end of `up`: what runs where, how to connect, the next commands. No password is printed.
 * @param waiting sentences on changes that are not in force yet
 */
export function printSummary(
  outputs: StackOutputs,
  ref: StackRef,
  terminal: Terminal,
  waiting: readonly string[] = [],
): void {
  const { servers, pool } = outputs;
  const heading = (text: string) => {
    terminal.line();
    terminal.line(terminal.paint("bold", text));
  };
  heading(`Stack ${ref.stack} is up`);
  const names = [...Object.keys(servers), ...(pool ? ["pool"] : [])];
  const width = Math.max(0, ...names.map((name) => name.length));
  for (const [name, server] of Object.entries(servers)) {
    terminal.line(`  ${name.padEnd(width)}  ${serverLine(server)}`);
  }
  if (pool) terminal.line(`  ${"pool".padEnd(width)}  ${poolLine(pool)}`);

  heading("Connect");
  for (const line of connectLines(outputs, ref)) terminal.line(`  ${line}`);

  if (outputs.prometheus) {
    heading("Monitoring");
    for (const line of prometheusLines(outputs.prometheus, ref.stack)) terminal.line(`  ${line}`);
  }

  const limited = Object.entries(servers).filter(([, { limits }]) => limits.length > 0);
  for (const [name, { limits }] of limited) {
    heading(`Limits of ${name}`);
    for (const limit of limits) terminal.line(`  - ${limit}`);
  }

  if (waiting.length > 0) heading("Not in force yet");
  for (const text of waiting) terminal.line(`  - ${printable(text)}`);

  heading("Next");
  const { stack } = ref;
  const next: readonly (readonly [string, string])[] = [
    [npmCommand("status", stack), "show the health of every server"],
    [npmCommand("preview", stack), `show what a change in Pulumi.${stack}.yaml would do`],
    [npmCommand("destroy", stack), destroyText(servers)],
  ];
  const commandWidth = Math.max(...next.map(([text]) => text.length));
  for (const [text, what] of next) terminal.line(`  ${text.padEnd(commandWidth)}   ${what}`);
}

function destroyText(servers: StackOutputs["servers"]): string {
  const all = Object.values(servers);
  if (all.some(({ retained }) => retained)) return "delete everything but the servers";
  return all.some(({ home }) => findHome(home)?.dataAfterDelete === "saved")
    ? "delete everything; databases on AWS keep a final snapshot"
    : "stop everything and delete the data";
}

function prometheusLines({ host, port, running }: PrometheusOutput, stack: string): string[] {
  return running
    ? [
        `Prometheus on http://${hostAndPort(host, port)}, user sark`,
        `  with its password: ${npmCommand("secret", stack, "prometheus")}`,
      ]
    : [
        "not running: Prometheus and pgbouncer_exporter are not both installed (docs/monitoring.md)",
      ];
}

function serverLine(server: ServerOutput): string {
  const { host, port, migrations } = server;
  const replica = replicaOf(server);
  const parts = [
    `${productOf(server)} on ${hostAndPort(host, port)}`,
    ...(replica ? [`replica on ${hostAndPort(replica.host, replica.port)}`] : []),
    `${count(migrations.length, "migration")} applied`,
  ];
  return parts.join(", ");
}

function poolLine({ host, port, running, entries }: PoolOutput): string {
  if (!running) {
    return "PgBouncer is not installed; install it and run `npm run up` again";
  }
  const modes = Object.entries(entries).map(([name, mode]) => `${name} (${mode})`);
  return `PgBouncer on ${hostAndPort(host, port)} for ${modes.join(", ")}`;
}

/** One block for each database: its address as a libpq string, and the command that shows the password. */
function connectLines({ servers, pool, logins }: StackOutputs, { stack }: StackRef): string[] {
  return Object.values(servers).flatMap(({ database }) => {
    const name = `${database}_app`;
    const login = logins[name];
    if (login === undefined) return [];
    const throughPool = pool?.running === true && database in pool.entries;
    const { host, port } = throughPool ? pool : login;
    const flags = [name, "--url", ...(throughPool ? ["--pool"] : [])];
    return [
      `host=${host} port=${port} dbname=${database} user=${login.user}${throughPool ? "   (through the pool)" : ""}`,
      `  with its password: ${npmCommand("secret", stack, ...flags)}`,
    ];
  });
}
