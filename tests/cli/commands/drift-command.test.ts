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
  it("exits 0 when everything was compared and nothing differs", async () => {
    const { code, out, asked } = await run("drift");
    expect([code, asked]).toEqual([0, ["preview"]]);
    expect(out).toBe(
      "No changes: 1 resource up to date.\nNo role drift in sark, sark_audit.\n" +
        "No schema drift in sark, sark_audit.\nNo drift.\n",
    );
  });

  it.each<[string, Run]>([
    ["a resource", { plan: CREATES }],
    ["a schema", { databases: [{ ...sark, schema: CHANGED }, audit] }],
    ["a role", { databases: [sark, { ...audit, roles: GAINED }] }],
  ])("exits 3 when everything was compared and %s differs", async (_what, given) => {
    const { code, out, asked } = await run("drift", given);
    expect([code, asked]).toEqual([3, ["preview"]]);
    expect(lastLine(out)).toBe("Drift found. Nothing was changed.");
  });

  it.each(INCOMPLETE)(
    "exits 1 when %s, and names the part that was not compared",
    async (...given) => {
      const [, what, gap, sentence] = given;
      const { code, out } = await run("drift", what);
      expect(code).toBe(1);
      expect(out).not.toContain("No drift.");
      expect(out).toContain(`${sentence}\n`);
      expect(lastLine(out)).toBe(`Drift check incomplete: ${gap}. ${AGAIN}`);
    },
  );

  it("exits 1 when one part could not be compared and another differs, and reports both", async () => {
    const databases = [
      { ...sark, roles: GAINED },
      { database: "sark_audit", schema: UNKNOWN, roles: UNKNOWN },
    ];
    const { code, out } = await run("drift", { plan: CREATES, databases });
    expect(code).toBe(1);
    expect(out).toContain(
      "Drift found. Nothing was changed.\n" +
        `Drift check incomplete: sark_audit was not compared. ${AGAIN}\n`,
    );
  });

  it("names the stack in the command to run again", async () => {
    const plan = { ...SAME, stack: "prod", unchecked: ["x"] };
    expect((await run("drift", { plan })).out).toContain("`npm run drift -- --stack prod`");
  });

  it("lists gained privileges first", async () => {
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
        "Drift found. Nothing was changed.",
        "",
      ].join("\n"),
    );
  });

  it("compares the databases even if the resources cannot be compared, and shows a long cause last", async () => {
    const engine = failing(new UserError("refresh failed:\nstrconv.Atoi: parsing 7s"));
    const { code, out } = await run("drift", {
      engine,
      databases: [{ ...sark, roles: GAINED }, audit],
    });
    expect(code).toBe(1);
    expect(out).toContain("Role drift in sark: + 1 gained.\n");
    expect(out).toContain(
      "The stack's resources were not compared:\n  refresh failed:\n  strconv.Atoi: parsing 7s\nDrift found",
    );
    // Their state is unknown.
    expect(out).not.toContain("up to date");
  });

  it("fails if there is nothing to compare, and on an unexpected error", async () => {
    const missing = { engine: failing(new UserError("not made yet")), databases: [] };
    await expect(run("drift", missing)).rejects.toThrow("not made yet");
    await expect(run("drift", { engine: failing(new TypeError("a fault")) })).rejects.toThrow(
      TypeError,
    );
  });

  it("plans only after the databases were compared, so that it does not take their session", async () => {
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

  it("refreshes the actual resources, unlike a preview", async () => {
    const engine = new FakeEngine(SAME);
    await run("drift", { engine });
    await run("preview", { engine });
    expect(engine.options).toEqual([
      { refresh: true, constraint: false },
      { refresh: false, constraint: false },
    ]);
  });
});
