import * as fs from "node:fs";
import * as path from "node:path";
import { replaceFile } from "../../components/files/files";
import { settingsGroup } from "../../components/settings/plan/database-settings";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { type Engine, type StackRef, UserError } from "../../engine/engine";
import { npmCommand } from "../../engine/read-outputs";
import { requireOutputs } from "../commands/known-stack";
import type { Terminal } from "../report/terminal";
import { pointLines, timeProblem, timeText, type RecoveryPoints } from "./recovery-points";
import { type Recovery, recoveryIn, withRecovery } from "./recovery-settings";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";

/** The notation of the setting. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Restores everything that the archive holds. A time needs a commit after it, which a lost server's archive may lack. */
const LATEST = "latest";

export interface RestoreRequest {
  readonly database: DatabaseName;
  /** Point in time, with a zone, or `latest`. Undefined: shows what can be restored. */
  readonly to?: string | undefined;
  readonly yes?: boolean | undefined;
}

/** What a restore needs from the stack's home. */
export interface RestoreHome {
  readonly points: () => Promise<RecoveryPoints>;
  /** The next generation, if it is not the one after the present one. */
  readonly next?: () => Recovery;
  /** Name of the new server. */
  readonly nameOf: (generation: number) => string;
  /** Steps that follow, a line each. */
  readonly steps: (ref: StackRef) => readonly string[];
  /** Applies the settings at once; unset where the user commits them first. */
  readonly apply?: () => Promise<number>;
}

/**
 * Restores a database next to the running one: writes the setting `recovery`, which the next `up` carries out.
 * @returns the exit code
 * @throws {UserError} before anything changes, for a time that cannot be restored
 */
export async function runRestore(
  { database, to, yes = false }: RestoreRequest,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  homeOf: (server: ServerOutput, outputs: StackOutputs) => Promise<RestoreHome>,
): Promise<number> {
  const outputs = await requireOutputs(engine, ref, terminal);
  const server = Object.values(outputs.servers).find((each) => each.database === database);
  if (server === undefined) throw new UserError(`Stack ${ref.stack} has no database ${database}.`);
  const home = await homeOf(server, outputs);
  const points = await home.points();
  for (const line of pointLines(points)) terminal.line(line);
  if (to === undefined) {
    if (terminal.json) await terminal.document({ database, ...points });
    else if (points.newest) {
      const command = npmCommand("restore", ref.stack, "--database", database, "--to", LATEST);
      terminal.line(`Restore everything: ${command}`);
    }
    return 0;
  }
  const now = new Date();
  const problem = to === LATEST ? undefined : timeProblem(to, points, now);
  if (problem !== undefined) throw new UserError(`${problem}. Nothing was changed.`);

  const file = path.join(ref.root, `Pulumi.${ref.stack}.yaml`);
  const text = fs.readFileSync(file, "utf8");
  const group = settingsGroup(database);
  const before = recoveryIn(text, group);
  const after: Recovery = {
    ...(home.next?.() ?? { generation: (before?.generation ?? 1) + 1 }),
    // As given, since it may have microseconds.
    ...(to === LATEST ? {} : { time: ISO.test(to) ? to : new Date(to).toISOString() }),
  };
  const point = to === LATEST ? "the end of the archive" : timeText(new Date(to));
  const lines = [
    "",
    terminal.paint("bold", `Plan: restore ${database} to ${point}`),
    `  new server  ${home.nameOf(after.generation)}, next to the running one, which stays as it is until the switch`,
    `  lost        everything written after ${point}, in the new server; the old one keeps it`,
    `  settings    ${path.basename(file)}: ${group}.recovery: ${JSON.stringify(after)}`,
    "",
  ];
  for (const line of lines) terminal.line(line);
  if (!yes && !terminal.interactive)
    throw new UserError("Without a terminal it needs --yes. Nothing was changed.");
  if (!yes && !(await terminal.confirms("Write the settings?"))) {
    terminal.line("Nothing was changed.");
    return 1;
  }
  replaceFile(file, withRecovery(text, group, after));
  terminal.line(`Written: ${path.basename(file)}.`);
  const back = before === undefined ? "remove" : `set to ${JSON.stringify(before)}`;
  const closing = [
    ...home.steps(ref),
    `Back to the old server: ${back} ${group}.recovery, then ${npmCommand("up", ref.stack)}.`,
  ];
  const code = (await home.apply?.()) ?? 0;
  for (const line of closing) terminal.line(line);
  if (terminal.json) await terminal.document({ database, ...points, recovery: after });
  return code;
}
