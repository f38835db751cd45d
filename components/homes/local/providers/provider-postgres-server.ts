/** The primary: PostgreSQL with the stack's parameters, its database, and a role for replicas. */
import { join } from "node:path";
import { z } from "zod";
import { hasLibrary } from "../processes/binaries";
import { serverFolder } from "../processes/paths";
import { quoted } from "../../../text/printable";
import { settingKey } from "../../../settings/plan/settings-problems";
import { HOST } from "../processes/ports";
import {
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
import { directory, identifier, parameters, port, secret, starts } from "./inputs";
import { serverProvider } from "./server-provider";

const schema = z.object({
  directory,
  port,
  starts,
  /** Database that the server holds. A change replaces the server. */
  database: identifier,
  majorVersion: z.literal(18),
  adminUser: identifier,
  adminPassword: secret,
  replicationUser: identifier,
  replicationPassword: secret,
  /** Libraries of shared_preload_libraries. A change restarts the server. */
  preload: z.array(z.string()),
  parameters,
});

export type PostgresServerInputs = z.infer<typeof schema>;

export interface PostgresServerFacts {
  readonly host: string;
  /** Identity of the cluster: another one holds other data. */
  readonly systemIdentifier: string;
  readonly serverVersion: string;
}

export const postgresServer = serverProvider<PostgresServerInputs, PostgresServerFacts>({
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

async function converge(
  inputs: PostgresServerInputs,
  olds: PostgresServerInputs | undefined,
): Promise<PostgresServerFacts> {
  const folder = serverFolder(inputs.directory);
  const admin = { user: inputs.adminUser, password: inputs.adminPassword };
  const configuration = {
    port: inputs.port,
    clusterName: inputs.directory,
    preload: inputs.preload,
    parameters: inputs.parameters,
  };
  try {
    await initialise(folder, admin);
    // Configured before it first takes sessions, so that it never runs with defaults.
    await bringUp(folder, configuration, admin);
    const before = olds && { user: olds.adminUser, password: olds.adminPassword };
    await ensureAdminPassword(folder, admin, before);
    await configure(folder, configuration, admin);
    return await withAdmin(folder, admin, async (client) => {
      await ensureReplicationRole(client, {
        user: inputs.replicationUser,
        password: inputs.replicationPassword,
      });
      await ensureDatabase(client, inputs.database);
      return {
        host: HOST,
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
