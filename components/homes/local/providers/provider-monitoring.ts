/** Provider of the local home's monitoring: Prometheus and its exporters, if the machine has them. */
import { existsSync, rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { RuleGroup } from "../../../objectives/plan/alert-rules";
import type { MetricQuery } from "../../../objectives/plan/metric-queries";
import { monitoringFiles, renderFiles, writeFiles } from "../monitoring/monitoring-files";
import {
  isMonitoring,
  ownHolder,
  runningService,
  startMonitoring,
  stopMonitoring,
} from "../monitoring/monitoring-processes";
import { findMonitoringPrograms, MISSING } from "../monitoring/find-programs";
import { serverFolder } from "../processes/paths";
import { findPortHolder, isFree } from "../processes/ports";
import { privateFolder } from "../processes/private-files";
import { waitUntil } from "../processes/process";
import { ownerOf, serviceUser } from "../processes/service-user";
import { port, secret, serverInputs } from "./inputs";
import { portProblem, serverProvider } from "./server-provider";

const target = z.object({ stack: z.string(), database: z.string(), server: z.string() });
const login = { user: z.string(), password: secret };

const schema = z.object({
  ...serverInputs,
  metricsPort: port,
  poolMetricsPort: port,
  /** Password of Prometheus and of the exporters. */
  password: secret,
  rules: z.array(z.custom<RuleGroup>()),
  servers: z.array(
    z.object({
      target: target.extend({ singleSession: z.boolean() }),
      reads: z.object({
        host: z.string(),
        port: z.int(),
        database: z.string(),
        ...login,
        ssl: z.boolean().optional(),
        patience: z.number().optional(),
        queries: z.array(z.custom<MetricQuery>()),
      }),
    }),
  ),
  /** PgBouncer's console. @default - a stack without a pool */
  pool: z.object({ target, port: z.int(), ...login }).optional(),
});

type Inputs = z.infer<typeof schema>;

export const monitoring = serverProvider({
  schema,
  replacedBy: ["directory"],
  portSetting: "ports.prometheus",
  ownPort: (folder, wanted) => {
    if (ownHolder(folder, wanted) !== undefined) return wanted;
    const running = runningService(folder, "prometheus");
    return running && Number(/--web\.listen-address=[\d.]+:(\d+)/.exec(running.command)?.[1]);
  },
  isHealthy: async (folder, olds) => {
    // Without the programs, nothing runs.
    if (!existsSync(monitoringFiles(folder).prometheus))
      return findMonitoringPrograms() === undefined;
    const inputs = schema.safeParse(olds);
    return inputs.success && isMonitoring(folder, portsOf(inputs.data), inputs.data.password);
  },
  converge,
  stop: (folder, inputs) => stopMonitoring(folder, portNumbers(inputs)),
});

async function converge(inputs: Inputs, olds: Inputs | undefined): Promise<object> {
  const folder = serverFolder(inputs.directory);
  const files = monitoringFiles(folder);
  const user = (existsSync(folder) ? ownerOf(folder) : undefined) ?? serviceUser();
  const programs = findMonitoringPrograms();
  if (programs === undefined && (process.env["CI"] ?? "") !== "") {
    throw new Error(`${MISSING}. In CI this is a failure.`);
  }
  for (const path of [folder, files.log, files.data]) privateFolder(path, user);
  const ports = portsOf(inputs);
  const isSame = isDeepStrictEqual({ ...inputs, starts: 0 }, { ...olds, starts: 0 });
  if (programs && isSame && (await isMonitoring(folder, ports, inputs.password))) {
    return { running: true };
  }
  if (programs !== undefined) {
    await requireFree(folder, inputs.metricsPort, "ports.metrics");
    if (inputs.pool) await requireFree(folder, inputs.poolMetricsPort, "ports.poolMetrics");
  }
  await stopMonitoring(folder, [...portNumbers(inputs), ...(olds ? portNumbers(olds) : [])]);
  if (programs === undefined) {
    rmSync(files.prometheus, { force: true });
    return { running: false, reason: MISSING };
  }
  const { metricsPort, poolMetricsPort, ...rest } = inputs;
  writeFiles(
    await renderFiles(folder, {
      ...rest,
      pool: inputs.pool,
      ports: { metrics: metricsPort, poolMetrics: poolMetricsPort },
    }),
    user,
  );
  try {
    await startMonitoring(folder, programs, ports, inputs.password);
  } catch (error) {
    await stopMonitoring(folder, portNumbers(inputs));
    throw error;
  }
  return { running: true };
}

function portsOf({ port: prometheus, metricsPort, poolMetricsPort, pool }: Inputs) {
  return { prometheus, metrics: metricsPort, poolMetrics: pool ? poolMetricsPort : undefined };
}

function portNumbers(inputs: Inputs): readonly number[] {
  return Object.values(portsOf(inputs)).filter((each) => each !== undefined);
}

/** Checks a port before anything is stopped. The stack's own services will have left it. */
async function requireFree(folder: string, wanted: number, setting: string): Promise<void> {
  if (ownHolder(folder, wanted) !== undefined) return;
  // A process that has just ended may keep its port for a moment.
  if (await waitUntil(() => isFree(wanted), 3000, 100)) return;
  throw new Error(portProblem(wanted, setting, findPortHolder(wanted)));
}
