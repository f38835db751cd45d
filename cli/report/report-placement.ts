import { promiseLine } from "../../components/backups/plan/backup-promise";
import type { ServerOutput } from "../../components/outputs/outputs";
import type { PoolSpec, StorageSpec, ServerSpec } from "../../components/homes/plan/server-spec";
import type { Plan } from "../../engine/engine";
import { count } from "../../engine/names";
import { readOutputs } from "../../engine/read-outputs";
import type { Terminal } from "./terminal";

const ROWS = [
  "home",
  "machine",
  "replicas on",
  "storage",
  "log",
  "speed",
  "servers",
  "zones",
  "backups",
] as const;

/** The cells of one database, or of the pool. */
type Column = Readonly<Partial<Record<(typeof ROWS)[number], string>>>;

/** Prints a table of what runs where, with sizes: a column for each database and the pool, without empty rows. */
export function printPlacement(plan: Plan, terminal: Terminal): void {
  const outputs = readOutputs(plan.outputs);
  if (outputs === undefined) return;
  const columns: readonly (readonly [string, Column])[] = [
    ...Object.entries(outputs.servers).flatMap(([name, server]) =>
      server.runs ? [[name, serverColumn(server, server.runs)] as const] : [],
    ),
    ...(outputs.pool?.runs ? [["pool", poolColumn(outputs.pool.runs)] as const] : []),
  ];
  if (columns.length === 0) return;
  const named = ["runs", ...columns.map(([name]) => name)];
  const rows = ROWS.map((row) => [row, ...columns.map(([, column]) => column[row] ?? "")]);
  const table = [named, ...rows.filter(([, ...cells]) => cells.some((cell) => cell !== ""))];
  const widths = named.map((_, at) => Math.max(...table.map((cells) => cells[at]?.length ?? 0)));
  for (const cells of table) {
    const text = cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
    const line = `  ${text}`.trimEnd();
    terminal.line(cells === named ? terminal.paint("bold", line) : line);
  }
  terminal.line();
  const promised = Object.entries(outputs.servers).flatMap(([name, { backups }]) =>
    backups === undefined ? [] : [promiseLine(name, backups ?? undefined)],
  );
  for (const line of promised) terminal.line(line);
  if (promised.length > 0) terminal.line();
}

function serverColumn({ home, backups }: ServerOutput, runs: ServerSpec): Column {
  const { replicaClass, storage, zones } = runs;
  return {
    home,
    machine: machineText(runs),
    ...(replicaClass === undefined ? {} : { "replicas on": replicaClass }),
    ...(storage ? storageColumn(storage) : {}),
    servers: serversText(runs),
    ...(zones === undefined ? {} : { zones: zones > 1 ? `at least ${zones}` : "1" }),
    backups: backups ? count(backups.days, "day") : "none",
  };
}

function poolColumn({ home, instances }: PoolSpec): Column {
  return { home, servers: String(instances) };
}

function machineText({ class: named, vcpus, memory }: ServerSpec): string {
  return listed(named, vcpus && `${vcpus} vCPU`, memory && bytes(memory));
}

function storageColumn({ size, kind, wal, iops, throughput, maximum }: StorageSpec): Column {
  return {
    storage: listed(`${bytes(size)} ${kind}`, maximum && `up to ${bytes(maximum)}`),
    log: listed(wal && bytes(wal)),
    speed: listed(iops && `${iops} IOPS`, throughput && `${throughput} MiB/s`),
  };
}

function serversText({ standBys, replicas }: ServerSpec): string {
  return listed("primary", standBys && "stand-by", replicas && count(replicas, "replica"));
}

/** The parts that are set, joined by commas. */
function listed(...parts: readonly (string | 0 | undefined)[]): string {
  return parts.filter(Boolean).join(", ");
}

/** In the largest unit that leaves at most one decimal: `1 TiB`, `1.5 GiB`, `512 MiB`. */
function bytes(size: number): string {
  const units = ["MiB", "GiB", "TiB"];
  const scale = [...units.keys()].reverse().find((power) => size >= 2 ** (20 + 10 * power)) ?? 0;
  return `${Number((size / 2 ** (20 + 10 * scale)).toFixed(1))} ${units[scale] ?? ""}`;
}
