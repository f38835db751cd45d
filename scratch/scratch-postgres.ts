/** Scratch PostgreSQL servers, in a temporary folder, on a free port. */
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, HOST } from "../components/homes/local/processes/ports";
import {
  initialise,
  prepareFolder,
  start,
  stop,
  writeConfiguration,
} from "../components/homes/local/processes/postgres";
import { serviceUser } from "../components/homes/local/processes/service-user";
import { copyFolder, copyTemplate } from "./templates";

/** A server for one task, until {@link ScratchServer.stop}. */
export interface ScratchServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly connectionString: string;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

export interface ScratchPostgres extends ScratchServer {
  /** The server's folder: `data/` and `log/`. */
  readonly folder: string;
}

export interface ScratchPostgresOptions {
  /** @default - a free port */
  readonly port?: number;
  /** Parameters of postgresql.conf. @default fsync off, since scratch data may be lost */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Libraries of shared_preload_libraries. */
  readonly preload?: readonly string[];
  /**
   * Initial content of the cluster. Copies share one identifier and one password; `false` creates a cluster with its
   * own.
   * @default nothing
   */
  readonly template?: ClusterTemplate | false;
}

/** A cluster that is made once and copied; see {@link copyTemplate}. */
interface ClusterTemplate {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Of the server that is filled. */
  readonly options: Pick<ScratchPostgresOptions, "parameters" | "preload">;
  readonly fill: (server: ScratchPostgres) => Promise<void>;
}

const EMPTY: ClusterTemplate = {
  name: "postgres",
  inputs: [],
  options: {},
  fill: () => Promise.resolve(),
};

/** Starts a PostgreSQL 18 with superuser `postgres`, in about a second. */
export async function startScratchPostgres(
  options: ScratchPostgresOptions = {},
): Promise<ScratchPostgres> {
  const folder = temporaryFolder("sark-postgres-");
  const port = options.port ?? (await freePort());
  const user = "postgres";
  let password: string;
  const stopAndRemove = async (): Promise<void> => {
    await stop(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    password = await makeCluster(folder, options.template);
    prepareFolder(folder);
    writeConfiguration(folder, {
      port,
      clusterName: "scratch",
      preload: options.preload ?? [],
      parameters: { restart: { fsync: "off", ...options.parameters }, reload: {} },
    });
    await start(folder);
  } catch (error) {
    await stopAndRemove();
    throw error;
  }
  return {
    host: HOST,
    port,
    user,
    password,
    folder,
    connectionString: `postgresql://${user}:${password}@${HOST}:${port}/postgres?sslmode=disable`,
    stop: stopAndRemove,
  };
}

/** The superuser's password, beside the data of a template. */
const PASSWORD = "password";

/** Puts a cluster into an empty folder. Returns its superuser's password. */
async function makeCluster(
  folder: string,
  template: ScratchPostgresOptions["template"],
): Promise<string> {
  if (template === false) {
    const password = randomBytes(12).toString("hex");
    await initialise(folder, { user: "postgres", password });
    return password;
  }
  const { name, inputs, options, fill } = template ?? EMPTY;
  await copyTemplate(folder, name, inputs, async (draft) => {
    // Not in the draft: the servers' user need not reach the checkout.
    const server = await startScratchPostgres({ ...options, template: false });
    try {
      await fill(server);
      await stop(server.folder);
      copyFolder(join(server.folder, "data"), join(draft, "data"));
      writeFileSync(join(draft, PASSWORD), server.password, { mode: 0o600 });
    } finally {
      await server.stop();
    }
  });
  return readFileSync(join(folder, PASSWORD), "utf8");
}

/** A temporary folder that the servers' user owns. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const user = serviceUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}
