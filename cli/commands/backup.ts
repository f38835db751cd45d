import { recordRun } from "../../components/backups/record-run";
import { DumpError } from "../../components/backups/dump/dump-error";
import type { BackupRun } from "../../components/backups/plan/drill-report";
import { availableBackups } from "../../components/homes/local/backups/available-backups";
import { BackupError } from "../../components/homes/local/backups/pgbackrest";
import {
  makeBaseBackup,
  servedRepository,
} from "../../components/homes/local/backups/server-backups";
import { availableText } from "../../components/homes/local/plan/recovery-target";
import { serverFolder } from "../../components/homes/local/processes/paths";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { type Engine, type StackRef, UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import { dumpNow } from "../recovery/local-dumps";
import { onServer } from "../recovery/stack-session";
import type { Terminal } from "../report/terminal";
import { requireOutputs } from "./known-stack";

/** A backup that was made. */
interface Made {
  readonly kind: Exclude<BackupRun["kind"], "restore drill">;
  readonly name: string;
  readonly bytes: number;
  /** What can be restored now, a clause. */
  readonly available: string;
}

/**
 * Makes a base backup of sark and a dump of sark_audit on this machine. Each becomes a row of `public.backup_runs`, also
 * one that failed.
 * @throws {UserError} for a stack without backups on this machine, and for a backup that failed
 */
export async function runBackup(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const outputs = await requireOutputs(engine, ref, terminal);
  const saved = Object.values(outputs.servers).filter(({ backups }) => backups);
  const here = saved.filter(({ relay }) => relay === undefined);
  if (here.length === 0) {
    throw new UserError(
      saved.length === 0
        ? `Stack ${ref.stack} has no backups: set sark-databases:backups.folder or backups.bucket, and run \`npm run up\`.`
        : `Stack ${ref.stack} makes its backups on a schedule, elsewhere. backup makes those of this machine. ` +
            "Nothing was changed.",
    );
  }
  const made: Record<string, Made> = {};
  for (const server of here) {
    const backup = await recorded(server, outputs);
    made[server.database] = backup;
    const size = (backup.bytes / 1024 / 1024).toFixed(1);
    terminal.line(`${server.database}: ${backup.kind} ${backup.name}, ${size} MiB, encrypted`);
    terminal.line(`${server.database}: ${backup.available}`);
  }
  if (terminal.json) await terminal.document(made);
  return 0;
}

async function recorded(server: ServerOutput, outputs: StackOutputs): Promise<Made> {
  const startedAt = new Date().toISOString();
  const kind = server.backups?.dumpsOnly ? "dump" : "base backup";
  const record = (run: Pick<BackupRun, "succeeded" | "report"> & { readonly bytes?: number }) =>
    onServer(server, outputs, "maintain", (session) =>
      recordRun(session, { kind, startedAt, finishedAt: new Date().toISOString(), ...run }),
    );
  try {
    const made = kind === "dump" ? await dump(server, outputs) : await baseBackup(server, outputs);
    await record({ succeeded: true, bytes: made.bytes, report: { name: made.name } });
    return made;
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    // Its own failure must not hide the reason.
    await record({ succeeded: false, report: { failure } }).catch(() => undefined);
    if (!(error instanceof BackupError || error instanceof DumpError)) throw error;
    throw new UserError(`${server.database}: ${failure}`, { cause: error });
  }
}

async function baseBackup({ database }: ServerOutput, outputs: StackOutputs): Promise<Made> {
  const { user, password } = findLogin(outputs, `${database}_admin`);
  const repository = servedRepository(database);
  const { label, storedBytes } = await makeBaseBackup(serverFolder(database), repository, {
    user,
    password,
  });
  const available = availableText(await availableBackups(repository));
  return { kind: "base backup", name: label, bytes: storedBytes, available };
}

async function dump(server: ServerOutput, outputs: StackOutputs): Promise<Made> {
  const { file, manifest } = await dumpNow(server, outputs);
  return {
    kind: "dump",
    name: file,
    bytes: manifest.bytes,
    available: `available: what it held at ${manifest.record.time}`,
  };
}
