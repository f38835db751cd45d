/** pg_dump and pg_restore, which no package of npm has: those of the PATH, or of Debian's packages. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ConnectionInput } from "../../connections/provider-connection";
import { projectRoot } from "../../files/project-root";
import { printableTail } from "../../text/printable";
import { BACKUP_TOOLS } from "../backup-tools";
import { DumpError } from "./dump-error";

export interface PostgresTools {
  readonly pgDump: string;
  readonly pgRestore: string;
  /** Of pg_dump, such as `18.6`. */
  readonly version: string;
}

const DEBIAN = "/usr/lib/postgresql";

/**
 * Finds the programs in these folders: both of one folder, of at least this major version.
 * @throws DumpError that says what is missing and where it is found
 */
export function findPostgresTools(major: number, folders = programFolders()): PostgresTools {
  for (const folder of folders) {
    const [pgDump, pgRestore] = [join(folder, "pg_dump"), join(folder, "pg_restore")];
    const version = versionOf(pgDump);
    if (version === undefined || Number.parseInt(version, 10) < major) continue;
    if (versionOf(pgRestore) === version) return { pgDump, pgRestore, version };
  }
  throw new DumpError(
    `there are no pg_dump and pg_restore of PostgreSQL ${major} or later on the PATH or in ${DEBIAN}/*/bin. ` +
      `Install them: Debian's package is postgresql-client-${major}`,
  );
}

function programFolders(): readonly string[] {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const unpacked = join(projectRoot(), BACKUP_TOOLS);
  let versions: readonly string[] = [];
  try {
    versions = readdirSync(DEBIAN);
  } catch {
    // Not on Debian.
  }
  return [...onPath, unpacked, ...versions.map((version) => join(DEBIAN, version, "bin"))];
}

function versionOf(program: string): string | undefined {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 ? /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1] : undefined;
}

/** A running program. */
export interface RunningTool {
  readonly child: ChildProcessWithoutNullStreams;
  /** Ends when it exits. @throws DumpError with the end of its messages */
  readonly done: Promise<void>;
}

/** Starts a program with a connection. The password is in a file that only this user can read, and then deleted. */
export function startTool(
  program: string,
  args: readonly string[],
  connection?: ConnectionInput,
): RunningTool {
  const folder = mkdtempSync(join(tmpdir(), "sark-pass-"));
  const child = spawn(program, args, {
    env: { ...process.env, ...libpqEnvironment(folder, connection) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let messages = "";
  child.stderr.on("data", (piece: Buffer) => {
    messages = (messages + piece.toString()).slice(-4000);
  });
  // Its end is reported by `done`.
  child.stdin.on("error", () => undefined);
  const done = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) {
        resolve();
        return;
      }
      const errors = messages.split("\n").filter((line) => /error|fatal|detail/i.test(line));
      const reason = printableTail(
        (errors.length > 0 ? errors : [messages]).slice(-4).join("\n"),
        "",
      );
      reject(new DumpError(`${program} failed (${signal ?? String(code)}): ${reason.trim()}`));
    });
  }).finally(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  // Somebody awaits it later.
  done.catch(() => undefined);
  return { child, done };
}

function libpqEnvironment(folder: string, connection: ConnectionInput | undefined) {
  if (connection === undefined) return {};
  const { host, port, user, database, password, sslMode, ca } = connection;
  const escaped = (text: string) => text.replaceAll(/[\\:]/g, (sign) => `\\${sign}`);
  const passFile = join(folder, "pgpass");
  writeFileSync(passFile, `*:*:*:*:${escaped(password)}\n`, { mode: 0o600 });
  const authority = join(folder, "ca.crt");
  if (ca !== undefined) writeFileSync(authority, ca, { mode: 0o600 });
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGSSLMODE: sslMode,
    PGPASSFILE: passFile,
    PGOPTIONS: "",
    ...(ca === undefined ? {} : { PGSSLROOTCERT: authority }),
  };
}
