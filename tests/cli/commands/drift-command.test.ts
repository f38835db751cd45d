import { UserError } from "../../../engine/engine";
import { runPlanCommand } from "../../../cli/commands/plan-commands";
import {
  AGAIN,
  audit,
  CHANGED,
  CREATES,
  failing,
  GAINED,
  INCOMPLETE,
  INDEX,
  type Run,
  run,
  SAME,
  sark,
  UNKNOWN,
} from "../support/drift";
import { FakeEngine, fakeTerminal } from "../support/fakes";

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

  it.each(INCOMPLETE)("exits 1 when %s, and says what was not compared", async (...given) => {
    const [, what, gap, sentence] = given;
    const { code, out } = await run("drift", what);
    expect(code).toBe(1);
    expect(out).not.toContain("No drift.");
    expect(out).toContain(`${sentence}\n`);
    expect(lastLine(out)).toBe(`Drift check incomplete: ${gap}. ${AGAIN}`);
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
        `Drift check incomplete: sark_audit was not compared. ${AGAIN}\n`,
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
});
