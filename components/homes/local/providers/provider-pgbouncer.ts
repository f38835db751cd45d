/** Provider of the connection pool: PgBouncer, if the machine has it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import {
  DEFAULT_SETTINGS,
  FORCED_SETTINGS,
  type PgBouncerConfig,
  pgbouncerProblems,
  renderPgbouncerIni,
  renderUserlist,
  RESTART_KEYS,
} from "../../../pool/plan/pgbouncer-ini";
import { formatProblems } from "../../../text/problem";
import { readIfThere, privateFolder, writePrivately } from "../processes/private-files";
import { serverFolder } from "../processes/paths";
import {
  findPgBouncer,
  runningPgBouncer,
  openFileLimit,
  pgbouncerFiles,
  type PgBouncerProgram,
  reloadPgBouncer,
  startPgBouncer,
  stopPgBouncer,
  writePgBouncerFiles,
} from "../processes/pgbouncer";
import { isAnsweringOn, HOST } from "../processes/ports";
import { ownerOf, serviceUser } from "../processes/service-user";
import { type InputFailure, withoutUnknown } from "../../../resources/untyped-inputs";
import { port } from "./inputs";
import {
  toPgbouncerEntries,
  type PgBouncerInputs,
  schema,
  serverSocketFolder,
} from "./pgbouncer-entries";
import {
  awaitConfiguration,
  awaitServing,
  awaitServingAfterServerStart,
} from "./pgbouncer-serving";
import { serverProvider } from "./server-provider";

const MISSING =
  "PgBouncer is not installed on this machine; install it (Debian: apt-get install pgbouncer, " +
  "macOS: brew install pgbouncer)";

/** Files that the stack's own connections, the log and libraries keep open. */
const OTHER_FILES = 64;

export const pgBouncer = serverProvider({
  schema,
  replacedBy: ["directory"],
  portSetting: "ports.pool",
  problems,
  ownPort: (folder) => (runningPgBouncer(folder) ? readApplied(folder)?.port : undefined),
  isHealthy,
  converge,
  stop: stopPgBouncer,
});

function problems(inputs: Readonly<Record<string, unknown>>): InputFailure[] {
  const program = findPgBouncer();
  if (program === undefined) {
    if ((process.env["CI"] ?? "") === "") return [];
    return [{ property: "directory", reason: `${MISSING}; in CI the pool is required` }];
  }
  const known = schema.pick({ databases: true, pgbouncer: true }).safeParse(withoutUnknown(inputs));
  if (!known.success) return [];
  const { databases, pgbouncer } = known.data;
  return pgbouncerProblems({
    version: program.version,
    databases: toPgbouncerEntries(databases, () => undefined),
    settings: pgbouncer,
  }).map((problem) => {
    const [property = ""] = problem.key.split(".", 1);
    return { property, reason: formatProblems([problem]) };
  });
}

/** Values that the running process was started with and that a reload cannot change. */
const applied = z.object({
  port,
  version: z.string(),
  openFiles: z.number(),
  restartKeys: z.record(z.string(), z.unknown()),
});

const appliedFile = (folder: string): string => join(folder, "applied.json");

/** @returns undefined if the pool was set up without PgBouncer installed */
function readApplied(folder: string): z.infer<typeof applied> | undefined {
  const text = readIfThere(appliedFile(folder));
  return text === undefined ? undefined : applied.safeParse(JSON.parse(text)).data;
}

/** @param olds the inputs that it was made with */
async function isHealthy(folder: string, olds: unknown): Promise<boolean> {
  if (readApplied(folder) === undefined) return findPgBouncer() === undefined;
  if (!(await isAnswering(folder))) return false;
  const inputs = schema.safeParse(olds);
  if (inputs.success) await awaitServingAfterServerStart(folder, inputs.data);
  return true;
}

async function isAnswering(folder: string): Promise<boolean> {
  const port = readApplied(folder)?.port;
  const runs = runningPgBouncer(folder)?.frozen === false;
  return runs && port !== undefined && (await isAnsweringOn(port));
}

async function converge(
  inputs: PgBouncerInputs,
  olds: PgBouncerInputs | undefined,
): Promise<object> {
  const [folder, program] = [serverFolder(inputs.directory), findPgBouncer()];
  if (program === undefined) return withoutProgram(folder);
  const { config, rendered } = render(folder, inputs, program);
  const wanted: z.infer<typeof applied> = {
    port: inputs.port,
    version: program.version,
    openFiles: openFileLimit(inputs.openFiles, neededFiles(config)),
    restartKeys: Object.fromEntries(
      Object.entries(config.settings ?? {}).filter(([key]) => RESTART_KEYS.has(key)),
    ),
  };
  const keeps = isDeepStrictEqual(readApplied(folder), wanted) && (await isAnswering(folder));
  if (!keeps) await stopPgBouncer(folder);
  writePgBouncerFiles(folder, rendered.text, renderUserlist(inputs.userlist));
  try {
    if (keeps) reloadPgBouncer(folder);
    else {
      // Written first, so that the port is known to be ours as soon as it is taken.
      writePrivately(appliedFile(folder), JSON.stringify(wanted), ownerOf(folder));
      await startPgBouncer(folder, program, inputs.port, wanted.openFiles);
    }
    await awaitConfiguration(inputs, config);
    await awaitServing(folder, inputs);
  } catch (error) {
    if (olds === undefined) await stopPgBouncer(folder);
    throw error;
  }
  const { version } = program;
  return { host: HOST, running: true, version, leftOut: rendered.leftOut };
}

async function withoutProgram(folder: string): Promise<object> {
  await stopPgBouncer(folder);
  privateFolder(folder, ownerOf(folder) ?? serviceUser());
  rmSync(appliedFile(folder), { force: true });
  return { host: HOST, running: false, version: "", leftOut: [], reason: MISSING };
}

function render(
  folder: string,
  inputs: PgBouncerInputs,
  { version }: PgBouncerProgram,
): { config: PgBouncerConfig; rendered: ReturnType<typeof renderPgbouncerIni> } {
  const config = {
    version,
    databases: toPgbouncerEntries(inputs.databases, serverSocketFolder),
    settings: {
      ...DEFAULT_SETTINGS,
      ...inputs.pgbouncer,
      ...FORCED_SETTINGS,
      auth_file: pgbouncerFiles(folder).userlist,
      pidfile: pgbouncerFiles(folder).pid,
      listen_addr: HOST,
      listen_port: inputs.port,
      unix_socket_dir: "",
    },
  };
  return { config, rendered: renderPgbouncerIni(config) };
}

/** Open files needed: one for each client and each server connection, and some others. */
function neededFiles({ databases, settings }: PgBouncerConfig): number {
  const servers = Object.values(databases).reduce(
    (sum, entry) => sum + Number(entry.max_db_connections ?? entry.pool_size ?? 0),
    0,
  );
  return Number(settings?.max_client_conn ?? 0) + servers + OTHER_FILES;
}
