import * as fs from "node:fs";
import * as path from "node:path";
import { UserError, type Plan } from "../../engine/engine";
import { runPlanCommand, type PlanCommand } from "../../engine/plan-commands";
import type { SchemaDrift } from "../../engine/schema-drift";
import {
  FakeEngine,
  OUTPUTS,
  PASSWORD,
  fakeTerminal,
  planOf,
  row,
  scratchFolder,
} from "./support/fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
const CREATES = planOf(
  row("create", "pulumi:pulumi:Stack", "sark-databases-local"),
  row("create", SERVER, "sark"),
);
const SAME = planOf(row("same", SERVER, "sark"));

interface Run {
  readonly plan?: Plan;
  readonly flags?: Partial<PlanCommand>;
  readonly json?: boolean;
  readonly answers?: readonly string[];
  readonly engine?: FakeEngine;
  readonly schemas?: readonly SchemaDrift[];
}

async function run(
  name: PlanCommand["name"],
  { plan, flags, json, answers, engine, schemas }: Run = {},
) {
  const used = engine ?? new FakeEngine(plan ?? CREATES);
  const { terminal, out, err } = fakeTerminal({
    json: json === true,
    ...(answers && { answers }),
  });
  const prepared: Plan[] = [];
  const command = { name, yes: false, expectNoChanges: false, ...flags };
  const code = await runPlanCommand(command, used, { root: "/project", stack: "local" }, terminal, {
    prepare: (prepare) => {
      prepared.push(prepare);
    },
    schemaDriftOf: () => Promise.resolve(schemas ?? []),
    lossesOf: ({ servers }) => {
      const names = (stays: boolean, saved: boolean) =>
        Object.entries(servers).flatMap(([name, { retained = false, home }]) =>
          retained === stays && (home === "aws") === saved ? [name] : [],
        );
      return Promise.resolve({
        lost: names(false, false),
        kept: names(true, false),
        saved: names(false, true),
      });
    },
  });
  return { code, out: out(), err: err(), asked: used.asked, prepared };
}

describe("preview", () => {
  it("shows the plan and changes nothing", async () => {
    const { code, out, asked } = await run("preview");
    expect(code).toBe(0);
    expect(out).toBe("  + PostgresServer  sark\n\nPlan: 1 to create.\n");
    expect(asked).toEqual(["preview"]);
  });

  it("exits 3 for changes with --expect-no-changes, and 0 without any", async () => {
    const flags = { expectNoChanges: true };
    expect((await run("preview", { flags })).code).toBe(3);
    expect((await run("preview", { flags, plan: SAME })).code).toBe(0);
  });

  it("--json prints one document on standard output, and the words on standard error", async () => {
    const { out, err } = await run("preview", { json: true });
    expect(err).toContain("Plan: 1 to create.");
    const document = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual(["engine", "stack", "resources", "outputs"]);
    expect(document["resources"]).toEqual(
      CREATES.resources.map(({ urn, type, op, changedKeys, inputs, options }) => ({
        urn,
        type,
        op,
        changedKeys,
        inputs,
        options,
      })),
    );
  });
});

describe("up", () => {
  it("in a pipe refuses before it even plans", async () => {
    const engine = new FakeEngine(CREATES);
    await expect(run("up", { engine })).rejects.toThrow(UserError);
    await expect(run("up", { engine })).rejects.toThrow(/Nothing was changed.*npm run up -- --yes/);
    expect(engine.asked).toEqual([]);
  });

  it("with --yes carries the plan out, and ends with how to connect, without a password", async () => {
    const { code, out, asked, prepared } = await run("up", { flags: { yes: true } });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "up"]);
    expect(prepared).toEqual([CREATES]);
    expect(out).toContain("  + created PostgresServer sark 1.3 s\nDone: 1 created (");
    expect(out).toContain("npm run secret -- sark_app --url --pool");
    expect(out).not.toContain(PASSWORD);
  });

  it.each([["y"], ["yes"], ["YES"]])("on a terminal goes on after %s", async (answer) => {
    expect((await run("up", { answers: [answer] })).asked).toEqual(["preview", "up"]);
  });

  it.each([["n"], [""], ["no"]])("on a terminal stops after %j", async (answer) => {
    const { code, asked, prepared, err } = await run("up", { answers: [answer] });
    expect(code).toBe(1);
    expect(asked).toEqual(["preview"]);
    expect(prepared).toEqual([]);
    expect(err).toContain("Nothing was changed.");
  });

  it("with --expect-no-changes exits 3 without changing anything, in a pipe too", async () => {
    const { code, asked } = await run("up", { flags: { expectNoChanges: true } });
    expect(code).toBe(3);
    expect(asked).toEqual(["preview"]);
  });

  it("asks nothing when there is nothing to change", async () => {
    const { code, asked } = await run("up", { plan: SAME, answers: [] });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "up"]);
  });

  it("that fails exits 1 and ends with what failed, once, and what to do", async () => {
    const [, sark] = CREATES.resources;
    const plan = planOf(...CREATES.resources, row("create", SERVER, "audit"));
    const failed = [{ urn: sark?.urn ?? "", reason: "the disk is full" }];
    const engine = new FakeEngine(plan, { failed });
    const { code, out } = await run("up", { engine, flags: { yes: true } });
    expect(code).toBe(1);
    expect(out).toMatch(
      / {2}! failed PostgresServer sark\nNot done: 1 failed, 1 skipped \(.* s\)\.\n\n/,
    );
    expect(out).toMatch(
      /\nFailed: PostgresServer sark\n {2}the disk is full\nFull text: .*\nFix the cause .*\n$/,
    );
    expect(out.match(/the disk is full/g)).toHaveLength(1);
    expect(out).not.toContain("is up");
  });

  it("refuses to replace what is protected", async () => {
    const plan = planOf(row("replace", SERVER, "sark", { protect: true }));
    const engine = new FakeEngine(plan);
    await expect(run("up", { engine, flags: { yes: true } })).rejects.toThrow(
      /protected: PostgresServer sark\. Nothing was changed/,
    );
    expect(engine.asked).toEqual(["preview"]);
  });

  it("--json prints one document with what was done", async () => {
    const { out } = await run("up", { json: true, flags: { yes: true } });
    expect(JSON.parse(out)).toMatchObject({ engine: "embedded", stack: "local", failed: [] });
    expect(out).not.toContain(PASSWORD);
  });
});

describe("drift", () => {
  it("exits 0 for none and 3 for any, and changes nothing", async () => {
    const none = await run("drift", { plan: SAME });
    expect(none).toMatchObject({ code: 0, asked: ["preview"] });
    expect(none.out).toContain("No drift.");
    const found = await run("drift");
    expect(found).toMatchObject({ code: 3, asked: ["preview"] });
    expect(found.out).toContain("Plan: 1 to create.\nDrift was found; nothing was changed.");
  });

  it("looks at what there really is, which a preview does not", async () => {
    const engine = new FakeEngine(SAME);
    await run("drift", { engine });
    await run("preview", { engine });
    expect(engine.options).toEqual([
      { refresh: true, constraint: false },
      { refresh: false, constraint: false },
    ]);
  });

  it("--json prints one document", async () => {
    const { out, code } = await run("drift", { json: true });
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ stack: "local" });
  });
});

describe("the schema of a stack that is up", () => {
  const index = "index CREATE INDEX users_name_idx ON public.users USING btree (name)";
  const users = { object: "table public.users", kind: "changed" as const };
  const drifted: readonly SchemaDrift[] = [
    { database: "sark", differences: [{ ...users, missing: [index], foreign: [] }] },
    { database: "sark_audit", differences: [], note: "connect ECONNREFUSED 127.0.0.1:1" },
  ];
  const words = [
    "Schema drift in sark: ~ 1 changed.",
    "  ~ table public.users",
    `      - ${index}`,
    "The schema of sark_audit was not compared: connect ECONNREFUSED 127.0.0.1:1.",
  ].join("\n");

  it("makes drift exit 3 where it differs, and says what does", async () => {
    const { code, out } = await run("drift", { plan: SAME, schemas: drifted });
    expect(code).toBe(3);
    expect(out).toContain(`${words}\nDrift was found; nothing was changed.\n`);
  });

  it("is no drift where it is as it should be, or cannot be looked at", async () => {
    const schemas = drifted.map((schema) => ({ ...schema, differences: [] }));
    const { code, out } = await run("drift", { plan: SAME, schemas });
    expect([code, out]).toEqual([0, expect.stringContaining("No schema drift in sark.\n")]);
  });

  it("is shown by a preview, which succeeds", async () => {
    const { code, out } = await run("preview", { plan: SAME, schemas: drifted });
    expect([code, out]).toEqual([0, expect.stringContaining(words)]);
  });

  it("is in the document of both, and in the report", async () => {
    const report = path.join(scratchFolder(), "report.md");
    for (const name of ["preview", "drift"] as const) {
      const flags = { report };
      const { out } = await run(name, { plan: SAME, schemas: drifted, json: true, flags });
      expect(JSON.parse(out)).toMatchObject({ schemaDrift: drifted });
      const text = fs.readFileSync(report, "utf8");
      for (const line of words.split("\n")) expect(text).toContain(line);
      expect(text).not.toContain("<!-- nothing to do -->");
    }
  });

  it("is not looked at before up and destroy, which are about the plan", async () => {
    for (const name of ["up", "destroy"] as const) {
      const { out } = await run(name, { flags: { yes: true }, schemas: drifted });
      expect(out).not.toContain("Schema drift");
    }
  });
});

describe("a saved plan", () => {
  const folder = scratchFolder();
  const file = path.join(folder, "plan.json");
  const report = path.join(folder, "report.md");
  const constraint = { of: "the engine" };

  it("is what up carries out, with what the engine needs for it", async () => {
    const engine = new FakeEngine({ ...CREATES, constraint });
    const saved = await run("preview", { engine, flags: { savePlan: file, report } });
    expect(engine.options).toEqual([{ refresh: false, constraint: true }]);
    expect(saved.out).toMatch(/plan\.json has this plan, [0-9a-f]{64}\.\n$/);
    expect(fs.readFileSync(report, "utf8")).toContain("Plan: 1 to create.");
    const { code, asked } = await run("up", { engine, flags: { plan: file, yes: true } });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "preview", "up"]);
    expect(engine.constraints).toEqual([constraint]);
  });

  it("that is not what would be done is refused before anything is changed", async () => {
    await run("preview", { flags: { savePlan: file } });
    const engine = new FakeEngine(planOf(...CREATES.resources, row("create", SERVER, "audit")));
    const flags = { plan: file, yes: true };
    await expect(run("up", { engine, flags })).rejects.toThrow(
      "PostgresServer audit: the plan says nothing, now it is create",
    );
    expect(engine.asked).toEqual(["preview"]);
  });

  it("of another stack is refused before anything is even planned", async () => {
    await run("preview", { plan: { ...CREATES, stack: "prod" }, flags: { savePlan: file } });
    const engine = new FakeEngine(CREATES);
    await expect(run("up", { engine, flags: { plan: file, yes: true } })).rejects.toThrow(
      "is a plan of stack prod, and --stack is local",
    );
    expect(engine.asked).toEqual([]);
  });

  it("of an earlier run does not stay when this one fails", async () => {
    for (const name of [file, report]) fs.writeFileSync(name, "old");
    const engine = new FakeEngine(CREATES);
    engine.preview = () => Promise.reject(new UserError("the settings are wrong"));
    await expect(run("preview", { engine, flags: { savePlan: file, report } })).rejects.toThrow();
    expect([file, report].filter((name) => fs.existsSync(name))).toEqual([]);
  });
});

describe("destroy", () => {
  const plan = planOf(row("delete", SERVER, "sark"));

  it("shows which data will be lost", async () => {
    const { out, asked } = await run("destroy", { plan, flags: { yes: true } });
    expect(asked).toEqual(["previewDestroy", "destroy"]);
    expect(out).toContain("What will be lost for good:\n  sark\n  sark_audit\n");
  });

  it("says which servers stay, with their data", async () => {
    const [sark, audit] = [OUTPUTS.servers.sark, OUTPUTS.servers.sark_audit];
    const kept = (servers: object) =>
      run("destroy", {
        flags: { yes: true },
        engine: new FakeEngine(plan, { outputs: { ...OUTPUTS, servers } }),
      });
    const one = await kept({ sark, sark_audit: { ...audit, retained: true } });
    expect(one.out).toContain(
      "What will be lost for good:\n  sark\nWhat stays where it is, without the stack:\n  sark_audit\n",
    );
    const all = await kept({ sark: { ...sark, retained: true } });
    expect(all.out).toContain("What will be lost for good:\n  no data\nWhat stays");
    const saved = await kept({ sark: { ...sark, home: "aws" } });
    expect(saved.out).toContain(
      "What will be lost for good:\n  no data\nWhat goes, and stays on AWS as a last snapshot:\n  sark\n",
    );
  });

  it("on a terminal wants the stack's name, and not just a yes", async () => {
    expect((await run("destroy", { plan, answers: ["y"] })).asked).toEqual(["previewDestroy"]);
    expect((await run("destroy", { plan, answers: ["local"] })).asked).toEqual([
      "previewDestroy",
      "destroy",
    ]);
  });

  it("does not end with how to connect", async () => {
    const { out } = await run("destroy", { plan, flags: { yes: true } });
    expect(out).not.toContain("Connect");
    expect(out).toContain("Done: 1 deleted");
  });
});
