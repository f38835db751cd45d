import * as fs from "node:fs";
import * as path from "node:path";
import type { DatabaseDrift } from "../../engine/database-drift";
import { UserError, type Plan } from "../../engine/engine";
import { runPlanCommand, type PlanCommand } from "../../engine/plan-commands";
import { FakeEngine, fakeTerminal, planOf, row, scratchFolder } from "./support/fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
const CREATES = planOf(row("create", SERVER, "sark"));
const SAME = planOf(row("same", SERVER, "sark"));

const EQUAL = { differences: [] };
const WHY = "connect ECONNREFUSED 127.0.0.1:1";
const UNKNOWN = { differences: [], note: WHY };
const INDEX = "index CREATE INDEX users_name_idx ON public.users USING btree (name)";
const CHANGED = {
  differences: [
    { object: "table public.users", kind: "changed" as const, missing: [INDEX], foreign: [] },
  ],
};
const GAINED = {
  differences: [
    { effect: "gained" as const, text: "bob is SUPERUSER", undo: "ALTER ROLE bob NOSUPERUSER" },
  ],
};
const sark = { database: "sark", schema: EQUAL, roles: EQUAL };
const audit = { database: "sark_audit", schema: EQUAL, roles: EQUAL };

interface Run {
  readonly plan?: Plan;
  readonly flags?: Partial<PlanCommand>;
  readonly json?: boolean;
  readonly engine?: FakeEngine;
  readonly databases?: readonly DatabaseDrift[];
}

async function run(name: PlanCommand["name"], { plan, flags, json, engine, databases }: Run = {}) {
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

/** An engine whose look at what there is fails. */
function failing(error: Error): FakeEngine {
  const engine = new FakeEngine(SAME);
  engine.preview = () => Promise.reject(error);
  return engine;
}

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1);

describe("drift", () => {
  it("exits 0 when everything was compared and is as described", async () => {
    const { code, out, asked } = await run("drift");
    expect([code, asked]).toEqual([0, ["preview"]]);
    expect(out).toBe(
      "No changes: 1 resource as described.\nNo role drift in sark, sark_audit.\n" +
        "No schema drift in sark, sark_audit.\nNo drift.\n",
    );
  });

  it.each<[string, Run]>([
    ["a resource", { plan: CREATES }],
    ["a schema", { databases: [{ ...sark, schema: CHANGED }, audit] }],
    ["a role", { databases: [sark, { ...audit, roles: GAINED }] }],
  ])("exits 3 when everything was compared and %s is not as described", async (_what, given) => {
    const { code, out, asked } = await run("drift", given);
    expect([code, asked]).toEqual([3, ["preview"]]);
    expect(lastLine(out)).toBe("Drift was found; nothing was changed.");
  });

  const again = "Fix the cause above and run `npm run drift` again.";
  const incomplete: readonly [string, Run, string, string][] = [
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
      "a provider's look fails",
      { engine: failing(new UserError("the server is down")) },
      "the stack's resources were not compared",
      "The stack's resources were not compared: the server is down.",
    ],
  ];

  it.each(incomplete)("exits 1 when %s, and says what was not compared", async (...given) => {
    const [, what, gap, sentence] = given;
    const { code, out } = await run("drift", what);
    expect(code).toBe(1);
    expect(out).not.toContain("No drift.");
    expect(out).toContain(`${sentence}\n`);
    expect(lastLine(out)).toBe(`Drift check incomplete: ${gap}. ${again}`);
  });

  it("exits 1 when something could not be compared and something else differs, and tells both", async () => {
    const databases = [
      { ...sark, roles: GAINED },
      { database: "sark_audit", schema: UNKNOWN, roles: UNKNOWN },
    ];
    const { code, out } = await run("drift", { plan: CREATES, databases });
    expect(code).toBe(1);
    expect(out).toContain(
      "Drift was found; nothing was changed.\n" +
        `Drift check incomplete: sark_audit was not compared. ${again}\n`,
    );
  });

  it("names the stack in what to run", async () => {
    const plan = { ...SAME, stack: "prod", unchecked: ["x"] };
    expect((await run("drift", { plan })).out).toContain("`npm run drift -- --stack prod`");
  });

  it("tells gained privileges before everything else", async () => {
    const databases = [
      { ...sark, schema: CHANGED },
      { ...audit, roles: GAINED },
    ];
    const { out } = await run("drift", { plan: CREATES, databases });
    expect(out).toBe(
      [
        "Role drift in sark_audit: + 1 gained.",
        "  + bob is SUPERUSER",
        "      undo: ALTER ROLE bob NOSUPERUSER",
        "Schema drift in sark: ~ 1 changed.",
        "  ~ table public.users",
        `      - ${INDEX}`,
        "",
        "  + PostgresServer  sark",
        "",
        "Plan: 1 to create.",
        "No role drift in sark.",
        "No schema drift in sark_audit.",
        "Drift was found; nothing was changed.",
        "",
      ].join("\n"),
    );
  });

  it("compares the databases also when the resources cannot be, and shows a long cause last", async () => {
    const engine = failing(new UserError("refresh failed:\nstrconv.Atoi: parsing 7s"));
    const { code, out } = await run("drift", {
      engine,
      databases: [{ ...sark, roles: GAINED }, audit],
    });
    expect(code).toBe(1);
    expect(out).toContain("Role drift in sark: + 1 gained.\n");
    expect(out).toContain(
      "The stack's resources were not compared:\n  refresh failed:\n  strconv.Atoi: parsing 7s\nDrift was found",
    );
    // Nothing is known of them.
    expect(out).not.toContain("resource as described");
  });

  it("fails as a whole where there is nothing to compare, and by a fault of its own", async () => {
    const missing = { engine: failing(new UserError("not made yet")), databases: [] };
    await expect(run("drift", missing)).rejects.toThrow("not made yet");
    await expect(run("drift", { engine: failing(new TypeError("a fault")) })).rejects.toThrow(
      TypeError,
    );
  });

  it("begins the plan when the databases were compared, so that it takes no session from them", async () => {
    const order: string[] = [];
    const engine = new FakeEngine(SAME);
    engine.preview = () => {
      order.push("plan");
      return Promise.resolve(SAME);
    };
    const { terminal } = fakeTerminal();
    await runPlanCommand(
      { name: "drift", yes: false, expectNoChanges: false },
      engine,
      { root: "/project", stack: "local" },
      terminal,
      {
        prepare: () => undefined,
        lossesOf: () => Promise.resolve({ lost: [], kept: [], saved: [] }),
        databaseDriftOf: async () => {
          await new Promise(setImmediate);
          order.push("databases");
          return [sark];
        },
      },
    );
    expect(order).toEqual(["databases", "plan"]);
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

  it.each(incomplete)("--json and --report say so when %s", async (_name, given, gap) => {
    const report = path.join(scratchFolder(), "report.md");
    const { out } = await run("drift", { ...given, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ stack: "local", incomplete: [{ what: gap }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("**The check is incomplete.**");
    expect(text.toLowerCase()).toContain(gap.toLowerCase());
    expect(text.split("\n")[1]).toBe("<!-- incomplete -->");
  });

  it("--json and --report have the roles that differ", async () => {
    const report = path.join(scratchFolder(), "report.md");
    const databases = [{ ...sark, roles: GAINED }];
    const { out } = await run("drift", { databases, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ roleDrift: [{ database: "sark", ...GAINED }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("<summary>What differs in the roles of sark</summary>");
    expect(text).toContain("undo: ALTER ROLE bob NOSUPERUSER");
    expect(text.split("\n")[1]).toBe("### Drift of `local`");
  });
});

describe("the schema of a stack that is up", () => {
  const databases = [
    { ...sark, schema: CHANGED },
    { ...audit, schema: UNKNOWN },
  ];
  const words = [
    "Schema drift in sark: ~ 1 changed.",
    "  ~ table public.users",
    `      - ${INDEX}`,
    `The schema of sark_audit was not compared: ${WHY}.`,
  ];

  it("is shown by a preview, which succeeds", async () => {
    const { code, out } = await run("preview", { databases });
    expect(code).toBe(0);
    for (const line of words) expect(out).toContain(`${line}\n`);
  });

  it("is in the document of both, and in the report", async () => {
    const report = path.join(scratchFolder(), "report.md");
    for (const name of ["preview", "drift"] as const) {
      const flags = { report };
      const { out } = await run(name, { databases, json: true, flags });
      expect(JSON.parse(out)).toMatchObject({
        schemaDrift: [
          { database: "sark", ...CHANGED },
          { database: "sark_audit", ...UNKNOWN },
        ],
      });
      const text = fs.readFileSync(report, "utf8");
      for (const line of words) expect(text).toContain(line);
      expect(text).not.toContain("<!-- nothing to do -->");
    }
  });

  it("is all that a preview tells of a database: a plan makes the roles that are missing", async () => {
    const { out } = await run("preview", { databases: [{ ...sark, roles: GAINED }] });
    expect(out).toContain("No schema drift in sark.\n");
    expect(out).not.toContain("bob");
  });

  it("is not looked at before up and destroy, which are about the plan", async () => {
    for (const name of ["up", "destroy"] as const) {
      const { out } = await run(name, { plan: CREATES, flags: { yes: true }, databases });
      expect(out).not.toContain("Schema drift");
    }
  });
});
