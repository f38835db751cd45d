import * as fs from "node:fs";
import type { PlanCommandName, PlanFiles } from "./arguments";
import { UserError, type Engine, type Plan, type Result, type StackRef } from "./engine";
import { isBookkeeping, shortName, shortType } from "./names";
import { changesOf, printPlan } from "./report-plan";
import { replaceFile } from "../components/files";
import type { StackOutputs } from "../components/outputs";
import type { Losses } from "./losses";
import { ProgressReport, printResult } from "./report-progress";
import { markdownReport } from "./report-markdown";
import { pendingMigrations } from "./report-migrations";
import { hasDrifted, printSchemas, schemaDocument } from "./report-schema";
import { printSummary } from "./report-summary";
import { fingerprintOf, readPlanFile, refuseDepartures, writePlan } from "./saved-plan";
import type { SchemaDrift } from "./schema-drift";
import { readOutputs } from "./stack-outputs";
import type { Terminal } from "./terminal";

/** The exit code when there is something to change, of `--expect-no-changes` and of `drift`. */
export const CHANGES_FOUND = 3;

export interface PlanCommand extends Partial<PlanFiles> {
  readonly name: PlanCommandName;
  readonly yes: boolean;
  readonly expectNoChanges: boolean;
}

/** What the commands need of the machine and the servers. */
export interface PlanServices {
  /** Installs what the plan needs on this machine; called after the user has agreed. */
  readonly prepare: (plan: Plan) => void;
  /** The data that goes with a stack, a line each. */
  readonly lossesOf: (outputs: StackOutputs) => Promise<Losses>;
  /** How the databases differ from what their files make; never fails. */
  readonly schemaDriftOf: (engine: Engine, ref: StackRef) => Promise<readonly SchemaDrift[]>;
}

/** Carries out `preview`, `drift`, `up` or `destroy`. Returns the exit code. */
export async function runPlanCommand(
  command: PlanCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  services: PlanServices,
): Promise<number> {
  refuseUnattended(command, terminal);
  const agreed =
    command.plan === undefined ? undefined : readPlanFile(command.plan, ref.stack, engine.name);
  const progress = new ProgressReport(terminal);
  const looks = command.name === "preview" || command.name === "drift";
  // Beside the plan, which takes longer.
  const looking = looks ? services.schemaDriftOf(engine, ref) : Promise.resolve([]);
  const plan = await makePlan(command, engine, ref, terminal, progress);
  const schemas = await looking;
  printSchemas(schemas, terminal);
  if (command.name === "destroy" && plan.resources.length > 0) {
    await printLosses(engine, ref, terminal, services);
  }
  writeFiles(command, plan, schemas, progress.warnings, terminal);
  const changed = changesOf(plan).length > 0;
  if (command.name === "drift") {
    if (terminal.json) await terminal.document(documentOf(plan, schemas));
    const found = changed || hasDrifted(schemas);
    terminal.line(found ? "Drift was found; nothing was changed." : "No drift.");
    return found ? CHANGES_FOUND : 0;
  }
  if (agreed && command.plan !== undefined) refuseDepartures(command.plan, agreed, plan);
  if (command.expectNoChanges && changed) {
    if (terminal.json) await terminal.document(documentOf(plan, schemas));
    terminal.error("Changes were found, and --expect-no-changes was given: nothing was changed.");
    return CHANGES_FOUND;
  }
  if (command.name === "preview" || command.expectNoChanges) {
    if (terminal.json) await terminal.document(documentOf(plan, schemas));
    return 0;
  }
  refuseProtected(command, plan);
  if (changed && !command.yes && !(await confirmed(command, ref, terminal))) {
    terminal.error("Nothing was changed.");
    return 1;
  }
  if (command.name === "up") services.prepare(plan);
  return apply(command, plan, engine, ref, terminal, progress, agreed?.constraint);
}

/** What the flags ask for, once there is a plan. */
function writeFiles(
  { name, savePlan, report }: PlanCommand,
  plan: Plan,
  schemas: readonly SchemaDrift[],
  warnings: readonly string[],
  terminal: Terminal,
): void {
  const what = name === "drift" ? "drift" : "preview";
  if (report !== undefined) replaceFile(report, markdownReport(what, plan, schemas, warnings));
  if (savePlan === undefined) return;
  writePlan(savePlan, plan);
  terminal.line(`${savePlan} has this plan, ${fingerprintOf(plan.stack, plan.resources)}.`);
}

/** What `preview --json` prints. */
function documentOf(plan: Plan, schemas: readonly SchemaDrift[]): unknown {
  const { engine, stack, resources, outputs, unchecked } = plan;
  const pending = pendingMigrations(plan);
  return {
    ...{ engine, stack, resources: resources.map(withoutChanges), outputs },
    ...(Object.keys(pending).length > 0 && { pendingMigrations: pending }),
    ...(schemas.length > 0 && { schemaDrift: schemas.map(schemaDocument) }),
    ...(unchecked.length > 0 && { unchecked }),
  };
}

/** `changes` says in words what `changedKeys` and `inputs` say to a program. */
function withoutChanges({
  urn,
  type,
  op,
  changedKeys,
  inputs,
  options,
}: Plan["resources"][number]) {
  return { urn, type, op, changedKeys, inputs, options };
}

/** Before anything happens, and before a plan that may take a while. */
function refuseUnattended(
  { name, yes, expectNoChanges }: PlanCommand,
  { interactive }: Terminal,
): void {
  if (name === "preview" || name === "drift" || yes || interactive || expectNoChanges) return;
  throw new UserError(
    `${name} asks before it changes anything, and there is nobody to ask: this is not a terminal. ` +
      `Nothing was changed. Unattended: npm run ${name} -- --yes`,
  );
}

async function makePlan(
  { name, savePlan, report }: PlanCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  progress: ProgressReport,
): Promise<Plan> {
  // A file of an earlier run must not be taken for one of this run, should it fail.
  for (const file of [savePlan, report]) if (file !== undefined) fs.rmSync(file, { force: true });
  try {
    const options = { refresh: name === "drift", constraint: savePlan !== undefined };
    const plan =
      name === "destroy"
        ? await engine.previewDestroy(ref)
        : await engine.preview(ref, progress, options);
    progress.close();
    if (name === "destroy" && plan.resources.length === 0) {
      terminal.line(`Stack ${ref.stack} has nothing to destroy.`);
    } else printPlan(plan, terminal, name === "preview" || name === "drift");
    return plan;
  } finally {
    progress.close();
  }
}

async function printLosses(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
  { lossesOf }: PlanServices,
): Promise<void> {
  const outputs = readOutputs(await engine.outputs(ref));
  const nothing: Losses = { lost: [], kept: [], saved: [] };
  const { lost, kept, saved } = outputs === undefined ? nothing : await lossesOf(outputs);
  terminal.line(terminal.paint("red", "What will be lost for good:"));
  for (const loss of lost) terminal.line(`  ${loss}`);
  if (lost.length === 0) {
    const safe = kept.length + saved.length > 0;
    terminal.line(safe ? "  no data" : "  everything in the list above");
  }
  if (saved.length > 0) terminal.line("What goes, and stays on AWS as a last snapshot:");
  for (const each of saved) terminal.line(`  ${each}`);
  if (kept.length > 0) terminal.line("What stays where it is, without the stack:");
  for (const each of kept) terminal.line(`  ${each}`);
}

function refuseProtected({ name }: PlanCommand, plan: Plan): void {
  const kept = plan.resources.filter(
    ({ op, options }) => options.protect && (op === "delete" || op === "replace"),
  );
  if (kept.length === 0) return;
  const names = kept.map(({ type, urn }) => `${shortType(type)} ${shortName(urn)}`).join(", ");
  throw new UserError(
    `${name} would delete what is protected: ${names}. Nothing was changed. ` +
      'To delete it on purpose, set "protection: false" for the stack, run `npm run up`, and then this again.',
  );
}

async function confirmed(
  { name }: PlanCommand,
  { stack }: StackRef,
  terminal: Terminal,
): Promise<boolean> {
  // Only with --expect-no-changes does an unattended run come here, and then there are no changes.
  if (!terminal.interactive) return false;
  if (name === "destroy") {
    const answer = await terminal.ask(`Type the stack's name (${stack}) to destroy it: `);
    return answer === stack;
  }
  const answer = await terminal.ask("Carry this out? [y/N] ");
  return answer !== undefined && /^y(es)?$/i.test(answer);
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
  let result: Result;
  try {
    const run = await (name === "up"
      ? engine.up(ref, progress, constraint)
      : engine.destroy(ref, progress));
    result = withLeftOut(run, plan);
  } finally {
    progress.close();
  }
  printResult(result, terminal, (performance.now() - started) / 1000);
  const succeeded = result.failed.length === 0 && result.skipped.length === 0;
  if (terminal.json) await terminal.document(result);
  if (name === "up" && succeeded) {
    const outputs = readOutputs(await engine.outputs(ref));
    if (outputs !== undefined) printSummary(outputs, ref, terminal);
  }
  if (!succeeded)
    terminal.line("Run the command again when the cause is mended: it goes on from here.");
  return succeeded ? 0 : 1;
}

/** The CLI stops at a failure without a word on what it did not come to; the plan knows. */
function withLeftOut(result: Result, plan: Plan): Result {
  if (result.failed.length === 0) return result;
  const settled = new Set(
    [...result.done, ...result.failed, ...result.skipped].map(({ urn }) => urn),
  );
  const leftOut = changesOf(plan)
    .filter(({ urn, type }) => !settled.has(urn) && !isBookkeeping(type))
    .map(({ urn }) => ({ urn, reason: "not started, since another step failed" }));
  return { ...result, skipped: [...result.skipped, ...leftOut] };
}
