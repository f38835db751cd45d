/** The primary: PostgreSQL with the stack's parameters, its database, and a role for replicas. */
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
  isRunning,
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
import { bringUp, configure } from "../processes/postgres-configure";
import { type Failure, record } from "../../../resources/untyped-inputs";
import { configured, identifier, logins, ofServer } from "./inputs";
import { serverProvider } from "./server-provider";

const schema = z.object({
  ...ofServer,
  /** Database that the server holds. A change replaces the server. */
  database: identifier,
  majorVersion: z.literal(18),
  ...logins,
  ...configured,
});

type Inputs = z.infer<typeof schema>;

export const postgresServer = serverProvider({
  schema,
  replacedBy: ["directory", "database", "majorVersion", "adminUser"],
  portSetting: "ports.sark",
  problems: parameterProblems,
  ownPort: (folder) => isRunning(folder)?.port,
  isWell: isAnswering,
  isLost: (folder) => folder === undefined || !hasCluster(folder),
  converge,
  stop,
});

/** Parameters that name libraries that a session or the archiver loads, with the folder of these. */
const LIBRARIES: Readonly<Record<string, string>> = {
  archive_library: "",
  local_preload_libraries: "plugins",
  session_preload_libraries: "",
};

/** Libraries that the programs do not come with. */
export function parameterProblems(inputs: Readonly<Record<string, unknown>>): Failure[] {
  const { restart, reload } = record(inputs["parameters"]);
  const parameters = Object.entries({ ...record(restart), ...record(reload) });
  const preload = Array.isArray(inputs["preload"]) ? inputs["preload"] : [];
  return [
    ...parameters.flatMap(([parameter, value]) => {
      const folder = LIBRARIES[parameter];
      if (folder === undefined || typeof value !== "string") return [];
      const key = settingKey(["sark", "parameters", parameter]);
      const lack = folder === "" ? "does not come with" : `is not in the folder ${folder} of`;
      return missingLibraries(value, folder).map((name) => ({
        property: "parameters",
        reason: `${key}: library ${quoted(name)} ${lack} the embedded PostgreSQL, which would begin no session with it`,
      }));
    }),
    ...preload
      .filter((name): name is string => typeof name === "string" && !hasLibrary(name))
      .map((name) => ({
        property: "preload",
        reason: `library "${name}" does not come with the embedded PostgreSQL, which would not start with it`,
      })),
  ];
}

/** Libraries of a list, in postgresql.conf's notation, that are not there. Whether a path leads to one is seen by a session. */
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

export function adminOf(inputs: Pick<Inputs, "adminUser" | "adminPassword">): Admin {
  return { user: inputs.adminUser, password: inputs.adminPassword };
}

async function converge(inputs: Inputs, olds: Inputs | undefined): Promise<object> {
  const folder = serverFolder(inputs.directory);
  const admin = adminOf(inputs);
  const configuration = { ...inputs, clusterName: inputs.directory };
  try {
    await initialise(folder, admin);
    // Configured before it first takes sessions, so that it never runs with defaults.
    await bringUp(folder, configuration, admin);
    await ensureAdminPassword(folder, admin, olds && adminOf(olds));
    await configure(folder, configuration, admin);
    return await withAdmin(folder, admin, async (client) => {
      await ensureReplicationRole(client, {
        user: inputs.replicationUser,
        password: inputs.replicationPassword,
      });
      await ensureDatabase(client, inputs.database);
      return {
        host: HOST,
        // Another cluster holds other data.
        systemIdentifier: systemIdentifier(folder),
        serverVersion: await serverVersion(client),
      };
    });
  } catch (error) {
    // A server that is in no state would be nobody's; its data is taken up by the next attempt.
    if (olds === undefined) await stop(folder);
    throw error;
  }
}
