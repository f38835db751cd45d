import * as fs from "node:fs";
import * as path from "node:path";
import type { Client } from "pg";
import { checkRestored } from "../../components/backups/checks/check-restored";
import {
  type Drill,
  drillMarkdown,
  drillReport,
  drillRun,
  drillSucceeded,
} from "../../components/backups/plan/drill-report";
import type { BackupRecord } from "../../components/backups/plan/record";
import { recordRun } from "../../components/backups/record-run";
import { replaceFile } from "../../components/files/files";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { type Engine, type StackRef, UserError } from "../../engine/engine";
import { requireOutputs } from "../commands/known-stack";
import { timeFault } from "./recovery-points";
import type { Terminal } from "../report/terminal";
import { onServer } from "./stack-session";

export interface DrillRequest {
  readonly database?: DatabaseName | undefined;
  /** Point in time, with a zone. Undefined: the newest. */
  readonly to?: string | undefined;
  /** File for the reports in Markdown. */
  readonly report?: string | undefined;
}

/** What was restored into the scratch server. */
interface Restored {
  /** Such as `the base backup of 2026-03-01T02:00:00Z, with WAL`. */
  readonly source: string;
  /** ISO 8601, in UTC; undefined for everything that there was. */
  readonly target: string | undefined;
  /** The record to compare with. @default - rows are counted only */
  readonly record?: BackupRecord;
  /** What a recovery like this would lose, a sentence. */
  readonly lost: string;
  /** False for a server without the extension amcheck. @default true */
  readonly pages?: boolean;
}

/** How a home restores into a scratch server, which is removed at the end; or where its drills run, a sentence. */
export type DrillPlace = DrillHome | string;

export interface DrillHome {
  readonly withRestored: <T>(
    to: string | undefined,
    /** @param session a superuser's, in the restored database */
    work: (session: Client, restored: Restored) => Promise<T>,
  ) => Promise<T>;
}

/**
 * Restores the newest backup of each database into a scratch server, checks it, and removes the server. Each drill
 * becomes a row of `public.backup_runs`.
 * @returns 1 if a drill failed
 */
export async function runRestoreDrill(
  { database, to, report }: DrillRequest,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  homeOf: (server: ServerOutput, outputs: StackOutputs) => Promise<DrillPlace>,
): Promise<number> {
  const fault = to === undefined ? undefined : timeFault(to, new Date());
  if (fault !== undefined) throw new UserError(`${fault}. Nothing was restored.`);
  const outputs = await requireOutputs(engine, ref, terminal);
  const servers = Object.values(outputs.servers).filter(
    (each) => database === undefined || each.database === database,
  );
  const saved = servers.filter(({ backups }) => backups);
  for (const each of servers.filter((server) => !server.backups)) {
    terminal.line(`${each.database} has no backups.`);
  }
  if (saved.length === 0) throw new UserError(`Stack ${ref.stack} has no backups to restore.`);
  const drills: Drill[] = [];
  const unrecorded: string[] = [];
  for (const server of saved) {
    const home = await homeOf(server, outputs);
    if (typeof home === "string") {
      terminal.line(home);
      continue;
    }
    terminal.line(`Restoring ${server.database} into a scratch server ...`);
    const drill = await drillOf(server, ref, to, home);
    drills.push(drill);
    for (const line of drillReport(drill)) terminal.line(line);
    const record = (session: Client) => recordRun(session, drillRun(drill));
    await onServer(server, outputs, "maintain", record).catch((error: unknown) => {
      unrecorded.push(server.database);
      const why = error instanceof Error ? error.message : String(error);
      terminal.error(`The drill of ${server.database} could not be recorded in it: ${why}`);
    });
  }
  if (report !== undefined) {
    replaceFile(report, drills.map((drill) => `${drillMarkdown(drill).join("\n")}\n`).join("\n"));
  }
  if (terminal.json) await terminal.document(drills);
  return unrecorded.length === 0 && drills.every(drillSucceeded) ? 0 : 1;
}

async function drillOf(
  server: ServerOutput,
  { root, stack }: StackRef,
  to: string | undefined,
  home: DrillHome,
): Promise<Drill> {
  const { database, backups, migrations } = server;
  const startedAt = new Date().toISOString();
  const common = {
    stack,
    database,
    startedAt,
    recoveryTime: backups ? backups.restoreMinutes * 60 : undefined,
  };
  try {
    const golden = {
      dump: fs.readFileSync(path.join(root, "sql", `${database}.golden.txt`), "utf8"),
      files: migrations,
    };
    const done = await home.withRestored(to, async (session, restored) => ({
      ...restored,
      checks: await checkRestored(session, {
        database: database as DatabaseName,
        golden,
        ...(restored.record ? { record: restored.record } : {}),
        ...(restored.pages === undefined ? {} : { pages: restored.pages }),
      }),
    }));
    return { ...common, ...done, finishedAt: new Date().toISOString() };
  } catch (error) {
    // A wrong setting or a server that does not answer says nothing about the backup.
    if (error instanceof UserError) throw error;
    return {
      ...common,
      source: "nothing",
      target: to,
      checks: [],
      failure: error instanceof Error ? error.message : String(error),
      lost: "unknown: the drill did not get that far",
      finishedAt: new Date().toISOString(),
    };
  }
}
