import * as fs from "node:fs";
import * as path from "node:path";
import type { DatabaseDrift } from "../../../cli/report/database-drift";
import { UserError, type Plan, type Result } from "../../../engine/engine";
import { runPlanCommand, type PlanCommand } from "../../../cli/commands/plan-commands";
import {
  FakeEngine,
  OUTPUTS,
  PASSWORD,
  fakeTerminal,
  planOf,
  row,
  scratchFolder,
} from "../support/fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";
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
  readonly databases?: readonly DatabaseDrift[];
}

async function run(
  name: PlanCommand["name"],
  { plan, flags, json, answers, engine, databases }: Run = {},
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
    databaseDriftOf: () => Promise.resolve(databases ?? []),
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

  it("--json prints one document on standard output, and text on standard error", async () => {
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
  it("in a pipe without --yes refuses before it plans", async () => {
    const engine = new FakeEngine(CREATES);
    await expect(run("up", { engine })).rejects.toThrow(UserError);
    await expect(run("up", { engine })).rejects.toThrow(/Nothing was changed.*npm run up -- --yes/);
    expect(engine.asked).toEqual([]);
  });

  it("with --yes applies the plan, and ends with how to connect, without a password", async () => {
    const { code, out, asked, prepared } = await run("up", { flags: { yes: true } });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "up"]);
    expect(prepared).toEqual([CREATES]);
    expect(out).toContain("  + created PostgresServer sark 1.3 s\nDone: 1 created (");
    expect(out).toContain("npm run secret -- sark_app --url --pool");
    expect(out).not.toContain(PASSWORD);
  });

  it.each([["y"], ["yes"], ["YES"]])(
    "on a terminal applies the plan after the answer %s",
    async (answer) => {
      expect((await run("up", { answers: [answer] })).asked).toEqual(["preview", "up"]);
    },
  );

  it.each([["n"], [""], ["no"]])(
    "on a terminal changes nothing after the answer %j",
    async (answer) => {
      const { code, asked, prepared, err } = await run("up", { answers: [answer] });
      expect(code).toBe(1);
      expect(asked).toEqual(["preview"]);
      expect(prepared).toEqual([]);
      expect(err).toContain("Nothing was changed.");
    },
  );

  it("with --expect-no-changes exits 3 without changing anything, in a pipe too", async () => {
    const { code, asked } = await run("up", { flags: { expectNoChanges: true } });
    expect(code).toBe(3);
    expect(asked).toEqual(["preview"]);
  });

  it("asks no question if there are no changes", async () => {
    const { code, asked } = await run("up", { plan: SAME, answers: [] });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "up"]);
  });

  it("exits 1 after a failure, and ends with the failed step, one cause, and the next command", async () => {
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

  it("refuses to replace a protected resource", async () => {
    const plan = planOf(row("replace", SERVER, "sark", { protect: true }));
    const engine = new FakeEngine(plan);
    await expect(run("up", { engine, flags: { yes: true } })).rejects.toThrow(
      /protected resources: PostgresServer sark\. Nothing was changed/,
    );
    expect(engine.asked).toEqual(["preview"]);
  });

  it("reports a removed resource with retainOnDelete as left behind", async () => {
    const made = row("delete", SERVER, "audit");
    const retained = { ...made, options: { ...made.options, retainOnDelete: true } };
    const plan = planOf(row("update", SERVER, "sark"), retained);
    const { out } = await run("up", { plan, flags: { yes: true } });
    expect(out).toContain("  = left behind PostgresServer audit\n");
    expect(out).toContain("\nDone: 1 updated, 1 left behind (");
  });

  it("--json prints one document with the result", async () => {
    const { out } = await run("up", { json: true, flags: { yes: true } });
    expect(JSON.parse(out)).toMatchObject({ engine: "embedded", stack: "local", failed: [] });
    expect(out).not.toContain(PASSWORD);
  });
});

describe("a saved plan", () => {
  const folder = scratchFolder();
  const file = path.join(folder, "plan.json");
  const report = path.join(folder, "report.md");
  const constraint = { of: "the engine" };

  it("is applied by up, with the engine's constraint", async () => {
    const engine = new FakeEngine({ ...CREATES, constraint });
    const saved = await run("preview", { engine, flags: { savePlan: file, report } });
    expect(engine.options).toEqual([{ refresh: false, constraint: true }]);
    expect(saved.out).toMatch(/Saved this plan to .*plan\.json: [0-9a-f]{64}\.\n$/);
    expect(fs.readFileSync(report, "utf8")).toContain("Plan: 1 to create.");
    const { code, asked } = await run("up", { engine, flags: { plan: file, yes: true } });
    expect(code).toBe(0);
    expect(asked).toEqual(["preview", "preview", "up"]);
    expect(engine.constraints).toEqual([constraint]);
  });

  it("that differs from the present plan is refused before any change", async () => {
    await run("preview", { flags: { savePlan: file } });
    const engine = new FakeEngine(planOf(...CREATES.resources, row("create", SERVER, "audit")));
    const flags = { plan: file, yes: true };
    await expect(run("up", { engine, flags })).rejects.toThrow(
      "PostgresServer audit: the plan says nothing, now it is create",
    );
    expect(engine.asked).toEqual(["preview"]);
  });

  it("of another stack is refused before planning", async () => {
    await run("preview", { plan: { ...CREATES, stack: "prod" }, flags: { savePlan: file } });
    const engine = new FakeEngine(CREATES);
    await expect(run("up", { engine, flags: { plan: file, yes: true } })).rejects.toThrow(
      "is a plan of stack prod, but --stack is local",
    );
    expect(engine.asked).toEqual([]);
  });

  it("of an earlier run is deleted when a new preview fails", async () => {
    for (const name of [file, report]) fs.writeFileSync(name, "old");
    const engine = new FakeEngine(CREATES);
    engine.preview = () => Promise.reject(new UserError("the settings are wrong"));
    await expect(run("preview", { engine, flags: { savePlan: file, report } })).rejects.toThrow();
    expect([file, report].filter((name) => fs.existsSync(name))).toEqual([]);
  });
});

describe("destroy", () => {
  const plan = planOf(row("delete", SERVER, "sark"));

  it("lists the data that will be deleted", async () => {
    const { out, asked } = await run("destroy", { plan, flags: { yes: true } });
    expect(asked).toEqual(["previewDestroy", "destroy"]);
    expect(out).toContain("Permanently deleted:\n  sark\n  sark_audit\n");
  });

  it("lists the servers that are kept or saved", async () => {
    const [sark, audit] = [OUTPUTS.servers.sark, OUTPUTS.servers.sark_audit];
    const kept = (servers: object) =>
      run("destroy", {
        flags: { yes: true },
        engine: new FakeEngine(plan, { outputs: { ...OUTPUTS, servers } }),
      });
    const one = await kept({ sark, sark_audit: { ...audit, retained: true } });
    expect(one.out).toContain(
      "Permanently deleted:\n  sark\nKept, but no longer managed by the stack:\n  sark_audit\n",
    );
    const all = await kept({ sark: { ...sark, retained: true } });
    expect(all.out).toContain("Permanently deleted:\n  no data\nKept, but");
    const saved = await kept({ sark: { ...sark, home: "aws" } });
    expect(saved.out).toContain(
      "Permanently deleted:\n  no data\nDeleted, with a final snapshot kept on AWS:\n  sark\n",
    );
  });

  const server = row("delete", CLUSTER, "sark-cluster");
  const retained = { ...server, options: { ...server.options, retainOnDelete: true } };
  const role = row("delete", "postgresql:index/role:Role", "sark_owner");
  const inside = { ...role, options: { ...role.options, deletedWith: server.urn } };
  const leaving = planOf(row("delete", SERVER, "sark"), inside, retained);

  it("reports left-behind resources during the run and in its last line", async () => {
    const { out } = await run("destroy", { plan: leaving, flags: { yes: true } });
    expect(out).toContain("\nPlan: 1 to delete, 2 to leave behind.\n");
    expect(out).toContain(`
  - deleted PostgresServer sark 1.3 s
  = left behind Role sark_owner
  = left behind Cluster sark-cluster
Done: 1 deleted, 2 left behind (`);
  });

  it("--json marks left-behind resources in `done`", async () => {
    const { out } = await run("destroy", { plan: leaving, json: true, flags: { yes: true } });
    const { done } = JSON.parse(out) as Result;
    expect(done.map(({ leftBehind }) => leftBehind)).toEqual([undefined, true, true]);
  });

  it("warns of a kept cluster without base backups", async () => {
    const inputs = { metadata: { name: "sark" }, spec: { plugins: [{}] } };
    const { out } = await run("destroy", {
      plan: planOf({ ...retained, inputs }),
      flags: { yes: true },
    });
    expect(out).toContain(
      "Kept, but no longer managed by the stack:\n  the cluster sark, without base backups: ",
    );
  });

  it("on a terminal requires the stack's name instead of a yes", async () => {
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
