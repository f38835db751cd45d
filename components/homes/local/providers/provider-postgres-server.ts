/** Provider of the primary: PostgreSQL with the stack's parameters, its database, and a role for replicas. */
import { join } from "node:path";
import { z } from "zod";
import { hasLibrary } from "../processes/binaries";
import { serverFolder } from "../processes/paths";
import { quoted } from "../../../text/printable";
import { settingKey } from "../../../settings/plan/setting-key";
import { HOST } from "../processes/ports";
import {
  type Admin,
  hasCluster,
  initialise,
  isAnswering,
  runningPostgres,
  stop,
  systemIdentifier,
} from "../processes/postgres";
import {
  ensureAdminPassword,
  ensureDatabase,
  ensureReplicationRole,
  serverVersion,
  withAdmin,
} from "../processes/postgres-admin";
import { ensureRunning, configure } from "../processes/postgres-configure";
import { type InputFailure, asRecord } from "../../../resources/untyped-inputs";
import { configurationInputs, identifier, loginInputs, serverInputs } from "./inputs";
import { serverProvider } from "./server-provider";

const schema = z.object({
  ...serverInputs,
  /** Database that the server holds. A change replaces the server. */
  database: identifier,
  majorVersion: z.literal(18),
  ...loginInputs,
  ...configurationInputs,
});

type Inputs = z.infer<typeof schema>;

export const postgresServer = serverProvider({
  schema,
  replacedBy: ["directory", "database", "majorVersion", "adminUser"],
  portSetting: "ports.sark",
  problems: parameterProblems,
  ownPort: (folder) => runningPostgres(folder)?.port,
  isHealthy: isAnswering,
  isDataLost: (folder) => folder === undefined || !hasCluster(folder),
  converge,
  stop,
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
  const configuration = { ...inputs, clusterName: inputs.directory };
  try {
    await initialise(folder, admin);
    // Configured before its first session, so that it never runs with defaults.
    await ensureRunning(folder, configuration, admin);
    await ensureAdminPassword(folder, admin, olds && adminLogin(olds));
    await configure(folder, configuration, admin);
    return await withAdmin(folder, admin, async (client) => {
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
  } catch (error) {
    // Without a state entry nothing would stop the server later. The next attempt reuses its data.
    if (olds === undefined) await stop(folder);
    throw error;
  }
}
