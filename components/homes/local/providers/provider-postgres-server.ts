/** Provider of the primary: PostgreSQL with the stack's parameters, its database, and a role for replicas. */
import { join } from "node:path";
import { z } from "zod";
import { makeBackupFolder } from "../backups/backup-folder";
import {
  ensureRestored,
  hasGeneration,
  recoveryInputs,
  serveGeneration,
  stopAll,
  wantedGeneration,
} from "../backups/generations";
import type { Repository } from "../backups/pgbackrest";
import {
  archiveCommand,
  ensureBaseBackup,
  ensureStanza,
  keepBackupConfig,
  removeBackupConfig,
  writeBackupConfig,
} from "../backups/server-backups";
import { type BackupOptions, stanzaName } from "../plan/pgbackrest-config";
import { hasLibrary } from "../processes/binaries";
import { serverFolder } from "../processes/paths";
import { quoted } from "../../../text/printable";
import { settingKey } from "../../../settings/plan/setting-key";
import { HOST } from "../processes/ports";
import {
  type Admin,
  initialise,
  isAnswering,
  prepareFolder,
  runningPostgres,
  systemIdentifier,
} from "../processes/postgres";
import { servedGeneration } from "../processes/postgres-files";
import {
  ensureAdminPassword,
  ensureDatabase,
  ensureReplicationRole,
  serverVersion,
  withAdmin,
} from "../processes/postgres-admin";
import { ensureRunning, configure } from "../processes/postgres-configure";
import { type InputFailure, asRecord } from "../../../resources/untyped-inputs";
import { backupFailures, backupInputs } from "./backup-failures";
import { configurationInputs, identifier, loginInputs, serverInputs } from "./inputs";
import { serverProvider } from "./server-provider";

const schema = z.object({
  ...serverInputs,
  /** Database that the server holds. A change replaces the server. */
  database: identifier,
  majorVersion: z.literal(18),
  ...loginInputs,
  ...configurationInputs,
  /** @default - no backups, and no archive of WAL */
  backups: backupInputs.optional(),
  /** The generation to serve, and how it is restored if it does not exist. @default - generation 1 */
  recovery: recoveryInputs.optional(),
});

type Inputs = z.infer<typeof schema>;

export const postgresServer = serverProvider({
  schema,
  replacedBy: ["directory", "database", "majorVersion", "adminUser"],
  portSetting: "ports.sark",
  problems: async (inputs, olds) => [
    ...parameterProblems(inputs),
    ...(await backupFailures(inputs, olds)),
  ],
  ownPort: (folder) => runningPostgres(folder)?.port,
  isHealthy: async (folder, olds) =>
    servedGeneration(folder) ===
      wantedGeneration(recoveryInputs.safeParse(olds["recovery"]).data) &&
    (await isAnswering(folder)),
  // A recovery restores what is lost.
  isDataLost: (folder, news) =>
    news["recovery"] === undefined && (folder === undefined || !hasGeneration(folder, 1)),
  converge,
  stop: stopAll,
});

/** Parameters that list libraries for sessions or the archiver, with the folder of these libraries. */
const LIBRARIES: Readonly<Record<string, string>> = {
  archive_library: "",
  local_preload_libraries: "plugins",
  session_preload_libraries: "",
};

/** Problems with libraries that the embedded PostgreSQL does not include. */
export function parameterProblems(inputs: Readonly<Record<string, unknown>>): InputFailure[] {
  const { restart, reload } = asRecord(inputs["parameters"]);
  const parameters = Object.entries({ ...asRecord(restart), ...asRecord(reload) });
  const preload = Array.isArray(inputs["preload"]) ? inputs["preload"] : [];
  return [
    ...parameters.flatMap(([parameter, value]) => {
      const folder = LIBRARIES[parameter];
      if (folder === undefined || typeof value !== "string") return [];
      const key = settingKey(["sark", "parameters", parameter]);
      const lack = folder === "" ? "is not included in" : `is not in the folder ${folder} of`;
      return missingLibraries(value, folder).map((name) => ({
        property: "parameters",
        reason: `${key}: library ${quoted(name)} ${lack} the embedded PostgreSQL, so no session could start`,
      }));
    }),
    ...preload
      .filter((name): name is string => typeof name === "string" && !hasLibrary(name))
      .map((name) => ({
        property: "preload",
        reason: `library "${name}" is not included in the embedded PostgreSQL, so the server would not start`,
      })),
  ];
}

/**
 * Missing libraries in a list in postgresql.conf's notation. Paths are not checked here; a session reports a wrong one.
 */
function missingLibraries(list: string, folder: string): readonly string[] {
  return list
    .split(",")
    .map((each) =>
      each
        .trim()
        .replaceAll('"', "")
        .replace(/^\$libdir\/(?:plugins\/)?|\.so$/g, ""),
    )
    .filter((name) => name !== "" && !name.startsWith("/") && !hasLibrary(join(folder, name)));
}

export function adminLogin(inputs: Pick<Inputs, "adminUser" | "adminPassword">): Admin {
  return { user: inputs.adminUser, password: inputs.adminPassword };
}

async function converge(inputs: Inputs, olds: Inputs | undefined): Promise<object> {
  const folder = serverFolder(inputs.directory);
  const admin = adminLogin(inputs);
  const { backups } = inputs;
  const restoreBackupConfig = keepBackupConfig(folder);
  let active = false;
  try {
    await chooseGeneration(folder, inputs);
    await initialise(folder, admin);
    const repository = backups && (await openRepository(folder, inputs, backups));
    if (repository === undefined) removeBackupConfig(folder);
    const configuration = {
      ...inputs,
      clusterName: inputs.directory,
      ...(repository && { archiveCommand: archiveCommand(repository) }),
    };
    // Configured before its first session, so that it never runs with defaults.
    await ensureRunning(folder, configuration, admin);
    await ensureAdminPassword(folder, admin, olds && adminLogin(olds));
    await configure(folder, configuration, admin);
    active = true;
    const facts = await withAdmin(folder, admin, async (client) => {
      await ensureReplicationRole(client, {
        user: inputs.replicationUser,
        password: inputs.replicationPassword,
      });
      await ensureDatabase(client, inputs.database);
      return {
        host: HOST,
        // Changes with the data: another cluster has another identifier.
        systemIdentifier: systemIdentifier(folder),
        serverVersion: await serverVersion(client),
      };
    });
    if (repository !== undefined) await ensureBaseBackup(folder, repository, admin);
    return facts;
  } catch (error) {
    restoreBackupConfig(active);
    // Without a state entry nothing would stop the server later. The next attempt reuses its data.
    if (olds === undefined) await stopAll(folder);
    throw error;
  }
}

/** Restores the generation that the settings ask for, if it does not exist, and serves it. */
async function chooseGeneration(folder: string, inputs: Inputs): Promise<void> {
  const { database, recovery, backups } = inputs;
  prepareFolder(folder);
  if (recovery !== undefined) {
    if (backups === undefined) throw new Error("a recovery needs the setting backups");
    await ensureRestored(folder, database, recovery, backups, adminLogin(inputs));
  }
  await serveGeneration(folder, wantedGeneration(recovery));
}

/** The part of the repository that belongs to the served generation. */
async function openRepository(
  folder: string,
  { database, port, adminUser, recovery }: Inputs,
  backups: BackupOptions,
): Promise<Repository> {
  const stanza = stanzaName(database, wantedGeneration(recovery));
  if ("folder" in backups.store) makeBackupFolder(backups.store.folder);
  const repository = writeBackupConfig(folder, stanza, port, adminUser, backups);
  await ensureStanza(repository, backups);
  return repository;
}
