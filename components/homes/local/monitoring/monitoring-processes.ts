/** Starts and stops Prometheus and the exporters. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../files/project-root";
import { logExcerpt } from "../processes/log-excerpt";
import { canEnter, copyForServiceUser } from "../processes/paths";
import { findPortHolder, HOST, isFree, type PortHolder } from "../processes/ports";
import {
  lastLines,
  readIfThere,
  truncateLargeLogs,
  writePrivately,
} from "../processes/private-files";
import { endProcess, processState, spawnDetached, waitUntil } from "../processes/process";
import { ownerOf, type ServiceUser } from "../processes/service-user";
import { nodeProgram } from "../timescale/server-program";
import { USERNAME } from "../plan/prometheus-config";
import { monitoringFiles } from "./monitoring-files";
import type { MonitoringPrograms } from "./find-programs";

export interface MonitoringPorts {
  readonly prometheus: number;
  readonly metrics: number;
  /** Undefined for a stack without a pool. */
  readonly poolMetrics: number | undefined;
}

interface Service {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** Path that answers once the service works. */
  readonly path: string;
}

/** How long Prometheus and its exporters keep readings. */
const RETENTION = ["--storage.tsdb.retention.time", "7d", "--storage.tsdb.retention.size", "1GB"];

const NAMES = ["metrics", "pool-exporter", "prometheus"] as const;

function services(
  folder: string,
  programs: MonitoringPrograms,
  { prometheus, metrics, poolMetrics }: MonitoringPorts,
  user: ServiceUser | undefined,
): readonly Service[] {
  const files = monitoringFiles(folder);
  const listen = (port: number): string[] => [
    `--web.listen-address=${HOST}:${port}`,
    "--web.config.file",
    files.web,
  ];
  const script = readableBy(user, join(projectRoot(), ".sark", "build", "metrics-main.js"));
  return [
    {
      name: "metrics",
      command: nodeProgram(user),
      args: [script, files.metrics, String(metrics)],
      port: metrics,
      path: "/",
    },
    ...(poolMetrics === undefined
      ? []
      : [
          {
            name: "pool-exporter",
            command: readableBy(user, programs.poolExporter),
            args: [`@${files.poolArguments}`, ...listen(poolMetrics)],
            port: poolMetrics,
            path: "/",
          },
        ]),
    {
      name: "prometheus",
      command: readableBy(user, programs.prometheus),
      args: [
        ...["--config.file", files.prometheus, ...listen(prometheus)],
        ...["--storage.tsdb.path", files.data, ...RETENTION],
      ],
      port: prometheus,
      path: "/-/ready",
    },
  ];
}

/** A file that root's service user can read: the file itself, or a copy beside the data. */
function readableBy(user: ServiceUser | undefined, file: string): string {
  const folder = join(file, "..");
  if (canEnter(folder, user)) return file;
  return copyForServiceUser(file, join("native-monitoring", file.split("/").at(-1) ?? ""), {
    dereference: true,
    anew: true,
  });
}

/** Starts all services with the files of the folder, and waits until each answers with the password. */
export async function startMonitoring(
  folder: string,
  programs: MonitoringPrograms,
  ports: MonitoringPorts,
  password: string,
): Promise<void> {
  const user = ownerOf(folder);
  const { log } = monitoringFiles(folder);
  truncateLargeLogs(log);
  for (const { name, command, args, port, path } of services(folder, programs, ports, user)) {
    // A process that has just ended may keep its port for a moment.
    await waitUntil(() => isFree(port), 3000, 100);
    const logFile = join(log, `${name}.log`);
    const pid = await spawnDetached({ command, args, cwd: folder, log: logFile, user });
    writePrivately(pidFile(folder, name), String(pid), user);
    const up = await waitUntil(
      async () => processState(pid) === undefined || (await isAnswering(port, path, password)),
      20_000,
    );
    if (up && processState(pid) !== undefined) continue;
    throw new Error(
      `${name} ${up ? "exited during start-up" : `did not answer on port ${port} within 20 s`}` +
        logExcerpt(folder, lastLines(logFile, 100)),
    );
  }
}

/** The service of this folder that holds a port, known by the folder among its arguments. */
export function ownHolder(folder: string, port: number): PortHolder | undefined {
  const holder = findPortHolder(port);
  return holder?.command.includes(`${folder}/`) === true ? holder : undefined;
}

/** True if every service of the folder runs, and Prometheus answers. */
export async function isMonitoring(
  folder: string,
  ports: MonitoringPorts,
  password: string,
): Promise<boolean> {
  const names = NAMES.filter((name) => name !== "pool-exporter" || ports.poolMetrics !== undefined);
  return (
    names.every((name) => runningService(folder, name)?.frozen === false) &&
    (await isAnswering(ports.prometheus, "/-/ready", password))
  );
}

/**
 * Ends all services of the folder.
 * @param ports where a service may listen that a killed command started without noting its process
 */
export async function stopMonitoring(folder: string, ports: readonly number[]): Promise<void> {
  const end = (find: () => number | undefined): Promise<void> =>
    endProcess(find, [
      { signal: "SIGTERM", milliseconds: 10_000 },
      { signal: "SIGKILL", milliseconds: 5000 },
    ]);
  // Prometheus first, so that it notes no failed scrape.
  for (const name of [...NAMES].reverse()) {
    await end(() => runningService(folder, name)?.pid);
    rmSync(pidFile(folder, name), { force: true });
  }
  for (const port of ports) await end(() => ownHolder(folder, port)?.pid);
}

/** The service of this folder, if it runs; the folder is among its arguments. */
export function runningService(folder: string, name: (typeof NAMES)[number]) {
  const pid = Number(readIfThere(pidFile(folder, name)) ?? 0);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const state = processState(pid);
  return state?.command.includes(`${folder}/`) === true ? { pid, ...state } : undefined;
}

function pidFile(folder: string, name: string): string {
  return join(folder, `${name}.pid`);
}

/** True if the service answers a request with the password. The exporters' start page may be missing. */
async function isAnswering(port: number, path: string, password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${USERNAME}:${password}`).toString("base64")}`;
  try {
    const response = await fetch(`http://${HOST}:${port}${path}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(3000),
    });
    return response.ok || (path === "/" && response.status === 404);
  } catch {
    return false;
  }
}
