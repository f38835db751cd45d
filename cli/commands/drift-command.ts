import * as fs from "node:fs";
import { replaceFile } from "../../components/files/files";
import type { DatabaseDrift } from "../report/database-drift";
import {
  conclusion,
  gapsOf,
  hasDrift,
  isPlan,
  type DriftCheck,
  type NoPlan,
} from "../report/drift-check";
import type { Engine, Plan, StackRef } from "../../engine/engine";
import { driftDocument } from "../report/plan-document";
import { printDifferences, printGap, sameSentences } from "../report/report-databases";
import { markdownReport } from "../report/report-markdown";
import { printPlan } from "../report/report-plan";
import { ProgressReport } from "../report/report-progress";
import type { Terminal } from "../report/terminal";

/** Exit codes; `--help` lists them. */
const DRIFT_FOUND = 3;
const INCOMPLETE = 1;

/**
 * Compares a stack with its actual resources and databases; changes nothing. If one part cannot be compared, the others
 * still are.
 * @param databaseDriftOf compares the databases; never fails
 * @returns the exit code: 0 only if everything was compared and matches
 */
export async function runDrift(
  { report }: { readonly report?: string | undefined },
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  databaseDriftOf: (engine: Engine, ref: StackRef) => Promise<readonly DatabaseDrift[]>,
): Promise<number> {
  // If this run fails, the report of an earlier run must not be mistaken for its own.
  if (report !== undefined) fs.rmSync(report, { force: true });
  const progress = new ProgressReport(terminal);
  // One after the other: a plan occupies this process, or a server's only session, so that probes would time out.
  const databases = await databaseDriftOf(engine, ref);
  const plan = await planOrCause(engine, ref, progress);
  // There is nothing to compare.
  if (plan instanceof Error && databases.length === 0) throw plan;
  const check: DriftCheck = {
    plan: plan instanceof Error ? noPlan(engine, ref, plan) : plan,
    databases,
  };
  printCheck(check, terminal);
  if (report !== undefined) {
    replaceFile(report, markdownReport("drift", check.plan, databases, progress.warnings));
  }
  if (terminal.json) await terminal.document(driftDocument(check));
  for (const line of conclusion(check)) terminal.line(line);
  if (gapsOf(check).length > 0) return INCOMPLETE;
  return hasDrift(check) ? DRIFT_FOUND : 0;
}

async function planOrCause(
  engine: Engine,
  ref: StackRef,
  progress: ProgressReport,
): Promise<Plan | Error> {
  try {
    return await engine.preview(ref, progress, { refresh: true, constraint: false });
  } catch (error) {
    // By name, since the program's bundle has its own copies of these classes.
    if (error instanceof Error && ["UserError", "SettingsError"].includes(error.name)) return error;
    throw error;
  } finally {
    progress.close();
  }
}

function noPlan({ name }: Engine, { stack }: StackRef, { message }: Error): NoPlan {
  return { engine: name, stack, cause: message };
}

/** Prints gained privileges first, and last the parts that could not be compared. */
function printCheck(check: DriftCheck, terminal: Terminal): void {
  const { plan, databases } = check;
  if (printDifferences("drift", databases, terminal)) terminal.line();
  if (isPlan(plan)) printPlan({ ...plan, unchecked: [] }, terminal, true);
  for (const text of sameSentences("drift", databases)) terminal.line(text);
  for (const gap of gapsOf(check)) printGap(gap, terminal);
}
