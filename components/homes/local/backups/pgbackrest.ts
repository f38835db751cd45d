/** Runs pgBackRest as the servers' user, and turns its errors into sentences. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { printable } from "../../../text/printable";
import { explainErrors } from "../plan/backup-errors";
import { type BackupOptions, renderBackupConfig } from "../plan/pgbackrest-config";
import { diskText } from "../processes/log-excerpt";
import { privateFolder, writePrivately } from "../processes/private-files";
import { ownerOf, type ServiceUser, serviceUser, userOptions } from "../processes/service-user";
import { nearest } from "./backup-folder";
import { pgBackRestFor } from "./find-pgbackrest";

/** How to reach one server's part of a repository. */
export interface Repository {
  readonly program: string;
  /** Path of pgbackrest.conf. */
  readonly config: string;
  readonly stanza: string;
  readonly user: ServiceUser | undefined;
}

/** Path of the configuration of a server's backups; it exists as long as the server has backups. */
export function backupConfig(folder: string): string {
  return join(folder, "pgbackrest.conf");
}

/** The repository of a server whose configuration exists. */
export function repositoryOf(folder: string, stanza: string): Repository {
  const user = ownerOf(folder);
  return { program: pgBackRestFor(user), config: backupConfig(folder), stanza, user };
}

/** Runs `work` with a repository that no server's folder has a configuration of, as in a preview. */
export async function withRepository<T>(
  options: BackupOptions,
  stanza: string,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const user = serviceUser();
  const folder = mkdtempSync(join(tmpdir(), "sark-repository-"));
  try {
    privateFolder(folder, user);
    const [program, config] = [pgBackRestFor(user), backupConfig(folder)];
    const server = {
      ...{ stanza, ownFolder: folder, data: join(folder, "data") },
      ...{ port: 1, socketFolder: folder, user: "postgres" },
    };
    writePrivately(config, renderBackupConfig(options, server), user);
    return await work({ program, config, stanza, user });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A failed command of pgBackRest. Commands print errors of this name without a stack trace. */
export class BackupError extends Error {
  override readonly name = "UserError";

  /** @param code pgBackRest's number of the kind of error */
  constructor(
    message: string,
    readonly code: number | undefined,
  ) {
    super(message);
  }
}

/** Bytes of output that are kept: a repository has a line for each WAL segment. */
const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * Runs a command. Neither arguments nor environment contain a secret.
 * @returns what it printed
 * @throws BackupError with its errors
 */
export async function runPgBackRest(
  { program, config, stanza, user }: Repository,
  command: string,
  {
    options = [],
    args = [],
    passfile,
  }: {
    readonly options?: readonly string[];
    readonly args?: readonly string[];
    /** libpq's password file, for commands that connect to the server. */
    readonly passfile?: string;
  } = {},
): Promise<string> {
  const whole = [`--config=${config}`, `--stanza=${stanza}`, ...options, command, ...args];
  return new Promise((resolve, reject) => {
    execFile(
      program,
      whole,
      {
        ...userOptions(user),
        cwd: "/",
        maxBuffer: MAX_OUTPUT,
        env: {
          PATH: process.env["PATH"] ?? "/usr/bin:/bin",
          ...{ LC_ALL: "C", TZ: "UTC" },
          ...(passfile === undefined ? {} : { PGPASSFILE: passfile }),
        },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(command, `${stdout}\n${stderr}`, error.message));
      },
    );
  });
}

function failure(command: string, output: string, otherwise: string): BackupError {
  const text = explainErrors(output) ?? otherwise;
  const code = /ERROR: \[(\d+)\]/.exec(output)?.[1];
  // pgBackRest reports a full disk as any other error of the system.
  const file = /unable to write '([^']+)'/.exec(output)?.[1];
  const disk = file === undefined ? "" : diskText(nearest(dirname(file)));
  return new BackupError(
    `pgBackRest's ${command} failed: ${printable(text)}${disk}`,
    code === undefined ? undefined : Number(code),
  );
}
