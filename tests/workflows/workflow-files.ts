/** The workflows of this repository, read as data. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export const ROOT = path.resolve(__dirname, "../..");
const GITHUB = path.join(ROOT, ".github");

const permissions = z.record(z.string(), z.enum(["read", "write", "none"]));
const concurrency = z.strictObject({
  group: z.string(),
  "cancel-in-progress": z.union([z.boolean(), z.string()]),
});

const STEP = z.looseObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});

const JOB = z.looseObject({
  needs: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  "runs-on": z.string().optional(),
  "timeout-minutes": z.number().optional(),
  environment: z.string().optional(),
  concurrency: concurrency.optional(),
  permissions: permissions.optional(),
  env: z.record(z.string(), z.string()).optional(),
  steps: z.array(STEP).optional(),
});

const WORKFLOW = z.looseObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  concurrency: concurrency.optional(),
  env: z.record(z.string(), z.string()).optional(),
  jobs: z.record(z.string(), JOB),
});

const ACTION = z.looseObject({ runs: z.looseObject({ using: z.string(), steps: z.array(STEP) }) });

export type Job = z.infer<typeof JOB>;
export type Step = z.infer<typeof STEP>;
export type Workflow = z.infer<typeof WORKFLOW>;

/** By file name. */
export const workflows: ReadonlyMap<string, Workflow> = new Map(
  fs
    .readdirSync(path.join(GITHUB, "workflows"))
    .map((file) => [file, WORKFLOW.parse(read("workflows", file))]),
);

/** The first steps of every job with credentials. */
export const stackAction = ACTION.parse(read("actions", "stack", "action.yml"));

/** The stacks that CI manages. */
export const stacks = z
  .array(z.string())
  .parse(JSON.parse(fs.readFileSync(path.join(GITHUB, "stacks.json"), "utf8")));

export function workflow(file: string): Workflow {
  const found = workflows.get(file);
  if (found === undefined) throw new Error(`there is no workflow ${file}`);
  return found;
}

export function job(file: string, name: string): Job {
  const found = workflow(file).jobs[name];
  if (found === undefined) throw new Error(`${file} has no job ${name}`);
  return found;
}

/** Every job, by the name that a failed expectation shows. */
export const jobs: readonly (readonly [name: string, job: Job])[] = [...workflows].flatMap(
  ([file, each]) =>
    Object.entries(each.jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);

/** All steps. */
export const steps: readonly (readonly [name: string, step: Step])[] = [
  ...jobs.flatMap(([name, { steps = [] }]) => steps.map((step) => [name, step] as const)),
  ...stackAction.runs.steps.map((step) => ["actions/stack", step] as const),
];

/** The texts of all files, for checks on what a parser drops. */
export const texts: readonly string[] = [
  ...[...workflows.keys()].map((file) => path.join(GITHUB, "workflows", file)),
  path.join(GITHUB, "actions", "stack", "action.yml"),
].map((file) => fs.readFileSync(file, "utf8"));

function read(...names: readonly string[]): unknown {
  return parse(fs.readFileSync(path.join(GITHUB, ...names), "utf8"));
}
