/** The connection pool: the real PgBouncer, where the machine has one. */
import { existsSync, rmSync } from "node:fs";
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
  isPgBouncerRunning,
  openFileLimit,
  pgbouncerFiles,
  type PgBouncerProgram,
  reloadPgBouncer,
  startPgBouncer,
  stopPgBouncer,
  writePgBouncerFiles,
} from "../processes/pgbouncer";
import { askPostgres, HOST } from "../processes/ports";
import { ownerOf, serviceUser } from "../processes/service-user";
import { type Failure, withoutUnknown } from "../../../resources/untyped-inputs";
import { directory, port, secret, starts } from "./inputs";
import { entriesOf, poolEntry, socketIn, values } from "./pgbouncer-entries";
import { awaitConfiguration, awaitServing, awaitServingAgain } from "./pgbouncer-serving";
import { serverProvider } from "./server-provider";

const schema = z.object({
  directory,
  port,
  starts,
  /** Open files to start with; raised to what its clients and servers need. @default 4096 */
  openFiles: z.int().min(256).default(4096),
  /** Entries by the name that clients connect to; `socket` names the folder of a server of this machine. */
  databases: z.record(z.string(), poolEntry),
  /** Settings of the `[pgbouncer]` section; `stats_users` names the login that verifies. */
  pgbouncer: values,
  userlist: z.array(z.object({ name: z.string(), secret })),
  /** The application's logins, by which each entry is tried. */
  clients: z
    .array(z.object({ database: z.string(), user: z.string(), password: secret }))
    .default([]),
});

export type PgBouncerInputs = z.infer<typeof schema>;

export interface PgBouncerFacts {
  readonly host: string;
  readonly running: boolean;
  /** Empty where the machine has no PgBouncer. */
  readonly version: string;
  /** Keys that this version does not know, and what they need. */
  readonly leftOut: readonly string[];
  /** Why it does not run. */
  readonly reason?: string;
}

const MISSING =
  "PgBouncer is not installed on this machine; install it (Debian: apt-get install pgbouncer, " +
  "macOS: brew install pgbouncer)";

/** Files that the stack's own connections, its log and its libraries keep open. */
const OTHER_FILES = 64;

export const pgBouncer = serverProvider<PgBouncerInputs, PgBouncerFacts>({
  schema,
  replacedBy: ["directory"],
  portSetting: "ports.pool",
  problems,
  ownPort: (folder) => (isPgBouncerRunning(folder) ? readApplied(folder)?.port : undefined),
  isWell,
  isLost: () => false,
  converge,
  stop: stopPgBouncer,
});

function problems(inputs: Readonly<Record<string, unknown>>): Failure[] {
  const program = findPgBouncer();
  if (program === undefined && requiresProgram()) {
    return [
      { property: "directory", reason: `${MISSING}; in CI a missing component is a failure` },
    ];
  }
  const known = schema.pick({ databases: true, pgbouncer: true }).safeParse(withoutUnknown(inputs));
  if (program === undefined || !known.success) return [];
  const { databases, pgbouncer } = known.data;
  return pgbouncerProblems({
    version: program.version,
    databases: entriesOf(databases, () => undefined),
    settings: pgbouncer,
  }).map((problem) => {
    const [property = ""] = problem.key.split(".", 1);
    return { property, reason: formatProblems([problem]) };
  });
}

/** What the running process was started with, beside what a reload changes. */
interface Applied {
  readonly port: number;
  readonly version: string;
  readonly openFiles: number;
  readonly restartKeys: Readonly<Record<string, unknown>>;
}

const applied = z.object({
  port,
  version: z.string(),
  openFiles: z.number(),
  restartKeys: z.record(z.string(), z.unknown()),
});

function readApplied(folder: string): Applied | undefined {
  const text = readIfThere(join(folder, "applied.json"));
  return text === undefined ? undefined : applied.safeParse(JSON.parse(text)).data;
}

/** Says that the folder waits for the program. */
const waitsFor = (folder: string): string => join(folder, "no-program");

/** @param olds the inputs that it was made with */
async function isWell(folder: string, olds: unknown): Promise<boolean> {
  const running = isPgBouncerRunning(folder);
  if (running === undefined) return existsSync(waitsFor(folder)) && findPgBouncer() === undefined;
  if (!(await isAnswering(folder))) return false;
  const inputs = schema.safeParse(olds);
  if (inputs.success) await awaitServingAgain(folder, inputs.data);
  return true;
}

async function isAnswering(folder: string): Promise<boolean> {
  const port = readApplied(folder)?.port;
  const runs = isPgBouncerRunning(folder)?.frozen === false;
  return runs && port !== undefined && (await askPostgres(port)) === "ready";
}

function requiresProgram(): boolean {
  return (process.env["CI"] ?? "") !== "";
}

async function converge(
  inputs: PgBouncerInputs,
  olds: PgBouncerInputs | undefined,
): Promise<PgBouncerFacts> {
  const [folder, program] = [serverFolder(inputs.directory), findPgBouncer()];
  if (program === undefined) return withoutProgram(folder);
  rmSync(waitsFor(folder), { force: true });
  const { config, rendered } = render(folder, inputs, program);
  const wanted: Applied = {
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
      // First, so that the port is known to be ours from the moment that it is held.
      writePrivately(join(folder, "applied.json"), JSON.stringify(wanted), ownerOf(folder));
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

async function withoutProgram(folder: string): Promise<PgBouncerFacts> {
  if (requiresProgram()) throw new Error(`${MISSING}; in CI a missing component is a failure`);
  await stopPgBouncer(folder);
  const user = ownerOf(folder) ?? serviceUser();
  privateFolder(folder, user);
  writePrivately(waitsFor(folder), "", user);
  return { host: HOST, running: false, version: "", leftOut: [], reason: MISSING };
}

function render(
  folder: string,
  inputs: PgBouncerInputs,
  { version }: PgBouncerProgram,
): { config: PgBouncerConfig; rendered: ReturnType<typeof renderPgbouncerIni> } {
  const config = {
    version,
    databases: entriesOf(inputs.databases, socketIn),
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

/** One file a client, and one a server connection. */
function neededFiles({ databases, settings }: PgBouncerConfig): number {
  const servers = Object.values(databases).reduce(
    (sum, entry) => sum + Number(entry.max_db_connections ?? entry.pool_size ?? 0),
    0,
  );
  return Number(settings?.max_client_conn ?? 0) + servers + OTHER_FILES;
}
