/** Scratch PostgreSQL servers, in a temporary folder, on a free port. */
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
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

export interface ScratchOptions {
  /** @default - a free port */
  readonly port?: number;
  /** Parameters of postgresql.conf. @default fsync off, since scratch data may be lost */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Libraries of shared_preload_libraries. */
  readonly preload?: readonly string[];
}

/** Starts a PostgreSQL 18 with superuser `postgres`, in about a second. */
export async function startScratchPostgres(options: ScratchOptions = {}): Promise<ScratchPostgres> {
  const folder = temporaryFolder("sark-postgres-");
  const port = options.port ?? (await freePort());
  const user = "postgres";
  const password = randomBytes(12).toString("hex");
  const stopAndRemove = async (): Promise<void> => {
    await stop(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    prepareFolder(folder);
    await initialise(folder, { user, password });
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

/** A temporary folder that the servers' user owns. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const user = serviceUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}
