import * as fs from "node:fs";
import type { DatabaseDrift } from "../report/database-drift";
import { runDrift } from "./drift-command";
import { UserError, type Engine, type Plan, type Result, type StackRef } from "../../engine/engine";
import { leftBehind, withLeftBehind } from "../report/left-behind";
import { isBookkeeping, shortName, shortType } from "../../engine/names";
import { changesOf, printPlan } from "../report/report-plan";
import { replaceFile } from "../../components/files/files";
import type { StackOutputs } from "../../components/outputs/outputs";
import { planDocument } from "../report/plan-document";
import type { Losses } from "../report/losses";
import { keptWithBackups } from "../report/losses-local";
import { ProgressReport, printResult } from "../report/report-progress";
import { printFailure } from "../report/report-failure";
import { markdownReport } from "../report/report-markdown";
import {
  databaseGaps,
  printDifferences,
  printGap,
  sameSentences,
} from "../report/report-databases";
import { notInForce } from "../report/report-restarts";
import { printSummary } from "../report/report-summary";
import { fingerprintOf, readPlanFile, refuseStalePlan, writePlan } from "../report/saved-plan";
import { readOutputs } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";

/** The exit code of `--expect-no-changes` when there are changes. */
const CHANGES_FOUND = 3;

type PlanCommandName = "up" | "preview" | "destroy" | "drift";

export interface PlanCommand {
  readonly name: PlanCommandName;
  readonly yes?: boolean | undefined;
  readonly expectNoChanges?: boolean | undefined;
  /** `preview --save-plan`: the file that `up --plan` reads. */
  readonly savePlan?: string | undefined;
  /** `up --plan`: the only plan that may be applied. */
  readonly plan?: string | undefined;
  /** `preview --report`, `drift --report`: the file for the result as Markdown. */
  readonly report?: string | undefined;
}

/** Access to this machine and to the servers, for the commands. */
export interface PlanServices {
  /** Installs programs that the plan needs on this machine; called after confirmation. */
  readonly prepare: (plan: Plan) => void;
  /** The data that a destroy deletes, keeps or snapshots, one line each. */
  readonly lossesOf: (outputs: StackOutputs) => Promise<Losses>;
  /** Compares the databases with the stack's definition; never fails. */
  readonly databaseDriftOf: (engine: Engine, ref: StackRef) => Promise<readonly DatabaseDrift[]>;
}

/** Runs `preview`, `drift`, `up` or `destroy`. Returns the exit code. */
export async function runPlanCommand(
  command: PlanCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  services: PlanServices,
): Promise<number> {
  if (command.name === "drift") {
    return runDrift(command, engine, ref, terminal, services.databaseDriftOf);
  }
  refuseUnattended(command, terminal);
  const savedPlan =
    command.plan === undefined ? undefined : readPlanFile(command.plan, ref.stack, engine.name);
  const progress = new ProgressReport(terminal);
  // In parallel with the plan, which takes longer.
  const comparing =
    command.name === "preview" ? services.databaseDriftOf(engine, ref) : Promise.resolve([]);
  const plan = await makePlan(command, engine, ref, terminal, progress);
  const databases = await comparing;
  printDatabases(databases, terminal);
  if (command.name === "destroy" && plan.resources.length > 0) {
    await printLosses(plan, engine, ref, terminal, services);
  }
  writeFiles(command, plan, databases, progress.warnings, terminal);
  const changed = changesOf(plan).length > 0;
  if (savedPlan && command.plan !== undefined) refuseStalePlan(command.plan, savedPlan, plan);
  if (command.name === "preview" || command.expectNoChanges) {
    if (terminal.json) await terminal.document(planDocument(plan, databases));
    if (!command.expectNoChanges || !changed) return 0;
    terminal.error("Changes found, but --expect-no-changes was given. Nothing was changed.");
    return CHANGES_FOUND;
  }
  refuseProtected(command, plan);
  if (changed && !command.yes && !(await confirmed(command, ref, terminal))) {
    terminal.error("Nothing was changed.");
    return 1;
  }
  if (command.name === "up") services.prepare(plan);
  return apply(command, plan, engine, ref, terminal, progress, savedPlan?.constraint);
}

function printDatabases(databases: readonly DatabaseDrift[], terminal: Terminal): void {
  printDifferences("preview", databases, terminal);
  for (const text of sameSentences("preview", databases)) terminal.line(text);
  for (const gap of databases.flatMap((each) => databaseGaps("preview", each))) {
    printGap(gap, terminal);
  }
}

/** Writes the files of `--report` and `--save-plan`. */
function writeFiles(
  { savePlan, report }: PlanCommand,
  plan: Plan,
  databases: readonly DatabaseDrift[],
  warnings: readonly string[],
  terminal: Terminal,
): void {
  if (report !== undefined) {
    replaceFile(report, markdownReport("preview", plan, databases, warnings));
  }
  if (savePlan === undefined) return;
  writePlan(savePlan, plan);
  terminal.line(`Saved this plan to ${savePlan}: ${fingerprintOf(plan.stack, plan.resources)}.`);
}

/** Called before the plan, which may take a while. */
function refuseUnattended(
  { name, yes, expectNoChanges }: PlanCommand,
  { interactive }: Terminal,
): void {
  if (name === "preview" || yes || interactive || expectNoChanges) return;
  throw new UserError(
    `${name} needs confirmation, and there is no terminal to ask on. Nothing was changed. ` +
      `To run it unattended: npm run ${name} -- --yes`,
  );
}

async function makePlan(
  { name, savePlan, report }: PlanCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  progress: ProgressReport,
): Promise<Plan> {
  // If this run fails, a file of an earlier run must not be mistaken for its own.
  for (const file of [savePlan, report]) if (file !== undefined) fs.rmSync(file, { force: true });
  try {
    const options = { refresh: false, constraint: savePlan !== undefined };
    const plan =
      name === "destroy"
        ? await engine.previewDestroy(ref)
        : await engine.preview(ref, progress, options);
    progress.close();
    if (name === "destroy" && plan.resources.length === 0) {
      terminal.line(`Stack ${ref.stack} has nothing to destroy.`);
    } else printPlan(plan, terminal, name === "preview");
    return plan;
  } finally {
    progress.close();
  }
}

async function printLosses(
  plan: Plan,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  { lossesOf }: PlanServices,
): Promise<void> {
  const outputs = readOutputs(await engine.outputs(ref));
  const nothing: Losses = { lost: [], kept: [], saved: [] };
  const { lost, kept, saved } = outputs === undefined ? nothing : await lossesOf(outputs);
  const remaining = [...kept, ...keptWithBackups(plan.resources)];
  terminal.line(terminal.paint("red", "Permanently deleted:"));
  for (const loss of lost) terminal.line(`  ${loss}`);
  if (lost.length === 0) {
    const safe = kept.length + saved.length > 0;
    terminal.line(safe ? "  no data" : "  everything in the list above");
  }
  if (saved.length > 0) terminal.line("Deleted, with a final snapshot kept on AWS:");
  for (const each of saved) terminal.line(`  ${each}`);
  if (remaining.length > 0) terminal.line("Kept, but no longer managed by the stack:");
  for (const each of remaining) terminal.line(`  ${each}`);
}

function refuseProtected({ name }: PlanCommand, plan: Plan): void {
  const kept = plan.resources.filter(
    ({ op, options }) => options.protect && (op === "delete" || op === "replace"),
  );
  if (kept.length === 0) return;
  const names = kept.map(({ type, urn }) => `${shortType(type)} ${shortName(urn)}`).join(", ");
  throw new UserError(
    `${name} would delete protected resources: ${names}. Nothing was changed. ` +
      'To delete them on purpose, set "protection: false" for the stack, run `npm run up`, then run this again.',
  );
}

async function confirmed(
  { name }: PlanCommand,
  { stack }: StackRef,
  terminal: Terminal,
): Promise<boolean> {
  // An unattended run only gets here with --expect-no-changes, and then has no changes.
  if (!terminal.interactive) return false;
  if (name !== "destroy") return terminal.confirms("Apply this plan?");
  return (await terminal.ask(`Type the stack's name (${stack}) to destroy it: `)) === stack;
}

async function apply(
  { name }: PlanCommand,
  plan: Plan,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  progress: ProgressReport,
  constraint: unknown,
): Promise<number> {
  const started = performance.now();
  const left = leftBehind(plan.resources);
  progress.setLeftBehind(left);
  let result: Result;
  try {
    const run = await (name === "up"
      ? engine.up(ref, progress, constraint)
      : engine.destroy(ref, progress));
    result = withUnstarted(withLeftBehind(run, left), plan);
  } finally {
    progress.close();
  }
  printResult(result, terminal, (performance.now() - started) / 1000);
  const succeeded = result.failed.length === 0 && result.skipped.length === 0;
  if (terminal.json) await terminal.document(result);
  if (name === "up" && succeeded) {
    const outputs = readOutputs(await engine.outputs(ref));
    const waiting = notInForce(plan.resources);
    if (outputs !== undefined) printSummary(outputs, ref, terminal, waiting);
  }
  if (!succeeded && name !== "preview" && name !== "drift") {
    printFailure(name, result, ref, terminal);
  }
  return succeeded ? 0 : 1;
}

/** Adds the planned steps that never started: the CLI stops at a failure without naming them. */
function withUnstarted(result: Result, plan: Plan): Result {
  if (result.failed.length === 0) return result;
  const settled = new Set(
    [...result.done, ...result.failed, ...result.skipped].map(({ urn }) => urn),
  );
  const unstarted = changesOf(plan)
    .filter(({ urn, type }) => !settled.has(urn) && !isBookkeeping(type))
    .map(({ urn }) => ({ urn, reason: "not started, because another step failed" }));
  return { ...result, skipped: [...result.skipped, ...unstarted] };
}
