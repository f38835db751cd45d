/** Provider of the audit database: TimescaleDB compiled to WebAssembly, in its own Node process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { drillFolder, serverFolder } from "../processes/paths";
import { passwordVerifier } from "../../../roles/plan/scram";
import { HOST } from "../processes/ports";
import {
  isTimescaleAnswering,
  runningTimescale,
  startTimescale,
  stopTimescale,
} from "../timescale/server-process";
import { readServerFacts } from "../timescale/server-facts";
import { identifier, serverInputs, secret } from "./inputs";
import { serverProvider } from "./server-provider";

const schema = z.object({
  ...serverInputs,
  /** The only database. A change replaces the server. */
  database: identifier,
  /** Password of the superuser `postgres`. A change restarts the server. */
  adminPassword: secret,
  /**
   * Logins with priority over the application, with the seconds that each waits for the session. A change restarts the
   * server.
   */
  patience: z.record(identifier, z.number().positive()),
});

type Inputs = z.infer<typeof schema>;

export const timescaleServer = serverProvider({
  schema,
  replacedBy: ["directory", "database"],
  portSetting: "ports.audit",
  ownPort: (folder) => runningTimescale(folder)?.port,
  isHealthy: isTimescaleAnswering,
  isDataLost: (folder) => folder === undefined || !existsSync(join(folder, "data", "PG_VERSION")),
  converge,
  stop: async (folder) => {
    // A killed restore drill may have left a second server.
    const drill = drillFolder(folder);
    if (existsSync(drill)) await stopTimescale(drill);
    await stopTimescale(folder);
  },
});

async function converge(inputs: Inputs, olds: Inputs | undefined): Promise<object> {
  const folder = serverFolder(inputs.directory);
  const running = runningTimescale(folder);
  // Wait for a server that an interrupted run has just started.
  const starting = readServerFacts(folder)?.pid !== running?.pid;
  const unusable = running?.port !== inputs.port || running.frozen;
  if (unusable || !(starting || (await isTimescaleAnswering(folder)))) await stopTimescale(folder);
  try {
    const { systemIdentifier, serverVersion, timescaledbVersion } = await startTimescale(folder, {
      port: inputs.port,
      database: inputs.database,
      adminVerifier: passwordVerifier("postgres", inputs.adminPassword),
      patience: inputs.patience,
    });
    return { host: HOST, systemIdentifier, serverVersion, timescaledbVersion };
  } catch (error) {
    if (olds === undefined) await stopTimescale(folder);
    throw error;
  }
}
