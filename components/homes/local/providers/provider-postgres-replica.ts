/**
 * Provider of the streaming replica: a read-only copy that follows the primary through a slot. Its data is disposable.
 */
import { join } from "node:path";
import { z } from "zod";
import { writePrivately } from "../processes/private-files";
import { existingServerFolder, serverFolder } from "../processes/paths";
import { HOST } from "../processes/ports";
import {
  type Configuration,
  hasCluster,
  isAnswering,
  runningPostgres,
  prepareFolder,
  stop,
  systemIdentifier,
} from "../processes/postgres";
import { withAdmin } from "../processes/postgres-admin";
import { clonePrimary, dropSlot } from "../processes/postgres-clone";
import { renderConninfo, renderPassfile } from "../processes/postgres-config";
import { ensureRunning, configure } from "../processes/postgres-configure";
import {
  isUnrecoverable,
  catchUp,
  isStreaming,
  isSlotKept,
  waitForStreaming,
} from "../processes/postgres-replication";
import { waitUntil } from "../processes/process";
import { ownerOf } from "../processes/service-user";
import {
  configurationInputs,
  directory,
  identifier,
  loginInputs,
  serverInputs,
  port,
} from "./inputs";
import { adminLogin, parameterProblems } from "./provider-postgres-server";
import { serverProvider } from "./server-provider";

const schema = z.object({
  ...serverInputs,
  /** The primary. If its data is that of another cluster, the replica is copied again. */
  primary: z.object({
    directory,
    host: z.string(),
    port,
    /** Of the primary's data; a replica of another one is copied again. */
    generation: z.int().optional(),
  }),
  ...loginInputs,
  slot: identifier,
  ...configurationInputs,
});

type Inputs = z.infer<typeof schema>;

// Needs no check for lost data: it is copied again.
export const postgresReplica = serverProvider({
  schema,
  replacedBy: ["directory"],
  portSetting: "ports.sarkReplica",
  problems: parameterProblems,
  ownPort: (folder) => runningPostgres(folder)?.port,
  isHealthy,
  converge,
  stop,
  cleanUp,
});

/** True when it runs, and follows its primary if that one runs. */
async function isHealthy(
  folder: string,
  olds: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  if (!(await isAnswering(folder))) return false;
  const inputs = schema.safeParse(olds);
  if (!inputs.success) return false;
  const { primary, slot } = inputs.data;
  const source = existingServerFolder(primary.directory);
  if (source === undefined || !(await isAnswering(source))) return true;
  try {
    if (systemIdentifier(folder) !== systemIdentifier(source)) return false;
    // The replica reconnects every few seconds.
    return await waitUntil(() => isStreaming(folder, adminLogin(inputs.data), slot), 6000, 200);
  } catch {
    return false;
  }
}

async function converge(inputs: Inputs, olds: Inputs | undefined): Promise<object> {
  const folder = serverFolder(inputs.directory);
  const source = serverFolder(inputs.primary.directory);
  if (!(await isAnswering(source))) {
    throw new Error(
      `the primary of ${inputs.directory} is not running, so the replica cannot follow it`,
    );
  }
  prepareFolder(folder);
  const admin = adminLogin(inputs);
  const configuration = configurationOf(folder, inputs);
  const apply = async (): Promise<void> => {
    await ensureRunning(folder, configuration, admin, isUnrecoverable);
    await configure(folder, configuration, admin, () => catchUp(source, folder, admin));
  };
  const problem = () => waitForStreaming(folder, admin, inputs.slot);
  // A new copy fixes every problem except a parameter value that no server accepts.
  const applied =
    (olds === undefined || olds.primary.generation === inputs.primary.generation) &&
    (await canFollow(folder, source, inputs)) &&
    (await apply().then(
      () => true,
      () => false,
    ));
  if (!applied || (await problem().catch(String)) !== undefined) {
    await clonePrimary({ folder: source, admin, slot: inputs.slot }, folder);
    await apply();
    const still = await problem();
    if (still !== undefined) {
      throw new Error(
        `the replica ${inputs.directory} does not follow its primary, even after a new copy${still}`,
      );
    }
  }
  return { host: HOST };
}

/** True when the replica has this primary's data and the WAL since then may still be available. */
async function canFollow(folder: string, source: string, inputs: Inputs): Promise<boolean> {
  if (!hasCluster(folder) || systemIdentifier(folder) !== systemIdentifier(source)) return false;
  return withAdmin(source, adminLogin(inputs), (client) => isSlotKept(client, inputs.slot));
}

function configurationOf(folder: string, inputs: Inputs): Configuration {
  const { primary, slot, replicationUser: user, replicationPassword } = inputs;
  const passfile = join(folder, "primary.password");
  const line = renderPassfile(primary.host, primary.port, user, replicationPassword);
  writePrivately(passfile, line, ownerOf(folder));
  const conninfo = renderConninfo({
    host: primary.host,
    port: String(primary.port),
    user,
    passfile,
    application_name: slot,
    sslmode: "disable",
    require_auth: "scram-sha-256",
  });
  return { ...inputs, clusterName: inputs.directory, replication: { slot, conninfo } };
}

/** Drops the slot, which would otherwise retain WAL on the primary. */
async function cleanUp(inputs: Inputs): Promise<void> {
  const source = existingServerFolder(inputs.primary.directory);
  if (source !== undefined && (await isAnswering(source))) {
    await withAdmin(source, adminLogin(inputs), (client) => dropSlot(client, inputs.slot));
  }
}
