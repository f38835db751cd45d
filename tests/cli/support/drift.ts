/** Runs of the commands on databases that differ, or could not be compared. */
import type { DatabaseDrift } from "../../../cli/report/database-drift";
import { UserError, type Plan } from "../../../engine/engine";
import { runPlanCommand, type PlanCommand } from "../../../cli/commands/plan-commands";
import { FakeEngine, fakeTerminal, planOf, row } from "./fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
export const CREATES = planOf(row("create", SERVER, "sark"));
export const SAME = planOf(row("same", SERVER, "sark"));

const EQUAL = { differences: [] };
export const WHY = "connect ECONNREFUSED 127.0.0.1:1";
export const UNKNOWN = { differences: [], note: WHY };
export const INDEX = "index CREATE INDEX users_name_idx ON public.users USING btree (name)";
export const CHANGED = {
  differences: [
    { object: "table public.users", kind: "changed" as const, missing: [INDEX], foreign: [] },
  ],
};
export const GAINED = {
  differences: [
    { effect: "gained" as const, text: "bob is SUPERUSER", undo: "ALTER ROLE bob NOSUPERUSER" },
  ],
};
export const sark = { database: "sark", schema: EQUAL, roles: EQUAL };
export const audit = { database: "sark_audit", schema: EQUAL, roles: EQUAL };

export interface Run {
  readonly plan?: Plan;
  readonly flags?: Partial<PlanCommand>;
  readonly json?: boolean;
  readonly engine?: FakeEngine;
  readonly databases?: readonly DatabaseDrift[];
}

export async function run(
  name: PlanCommand["name"],
  { plan, flags, json, engine, databases }: Run = {},
) {
  const used = engine ?? new FakeEngine(plan ?? SAME);
  const { terminal, out, err } = fakeTerminal({ json: json === true });
  const command = { name, yes: false, expectNoChanges: false, ...flags };
  const code = await runPlanCommand(command, used, { root: "/project", stack: "local" }, terminal, {
    prepare: () => undefined,
    databaseDriftOf: () => Promise.resolve(databases ?? [sark, audit]),
    lossesOf: () => Promise.resolve({ lost: [], kept: [], saved: [] }),
  });
  return { code, out: out(), err: err(), asked: used.asked };
}

/** An engine whose preview fails. */
export function failing(error: Error): FakeEngine {
  const engine = new FakeEngine(SAME);
  engine.preview = () => Promise.reject(error);
  return engine;
}

/** The end of the last line of an incomplete check. */
export const AGAIN = "Fix the cause above and run `npm run drift` again.";
/** Incomplete checks: the cause, the run, and the texts of its last line and of its sentence. */
export const INCOMPLETE: readonly [string, Run, string, string][] = [
  [
    "a database cannot be reached",
    { databases: [sark, { database: "sark_audit", schema: UNKNOWN, roles: UNKNOWN }] },
    "sark_audit was not compared",
    `sark_audit was not compared: ${WHY}.`,
  ],
  [
    "a schema was never recorded",
    { databases: [{ ...sark, schema: UNKNOWN }, audit] },
    "the schema of sark was not compared",
    `The schema of sark was not compared: ${WHY}.`,
  ],
  [
    "roles cannot be read",
    { databases: [{ ...sark, roles: UNKNOWN }, audit] },
    "the roles of sark were not compared",
    `The roles of sark were not compared: ${WHY}.`,
  ],
  [
    "a look-up of the plan was not made",
    { plan: { ...SAME, unchecked: ["The network was not looked up."] } },
    "a part of the plan was not checked",
    "A part of the plan was not checked: The network was not looked up.",
  ],
  [
    "the refresh fails",
    { engine: failing(new UserError("the server is down")) },
    "the stack's resources were not compared",
    "The stack's resources were not compared: the server is down.",
  ],
];
