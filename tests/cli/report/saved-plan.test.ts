import * as fs from "node:fs";
import * as path from "node:path";
import { UserError, type Plan } from "../../../engine/engine";
import {
  fingerprintOf,
  readPlanFile,
  refuseStalePlan,
  writePlan,
} from "../../../cli/report/saved-plan";
import { planOf, row, scratchFolder } from "../support/fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
const ROLE = "postgresql:index/role:Role";
const file = path.join(scratchFolder(), "plan.json");

const server = (memory: unknown) =>
  row("update", SERVER, "sark", { inputs: { reload: { memory } } });
const role = row("same", ROLE, "app", { inputs: { name: "app", grants: ["a", "b"] } });
const PLAN = planOf(server("7MB"), role);

/** Saves one plan, and compares it with another. */
function compare(saved: Plan, now: Plan): void {
  writePlan(file, saved);
  refuseStalePlan(file, readPlanFile(file, "local", "embedded"), now);
}

describe("a saved plan", () => {
  it("matches the same plan in another order", () => {
    expect(() => {
      compare(PLAN, planOf(role, server("7MB")));
    }).not.toThrow();
  });

  it("is readable only by its owner", () => {
    fs.writeFileSync(file, "");
    fs.chmodSync(file, 0o644);
    writePlan(file, PLAN);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("keeps the engine's constraint, if there is one", () => {
    const constraint = { seed: "c2VlZA==", steps: [1, 2] };
    writePlan(file, { ...PLAN, constraint });
    expect(readPlanFile(file, "local", "embedded").constraint).toEqual(constraint);
    writePlan(file, PLAN);
    expect(readPlanFile(file, "local", "embedded").constraint).toBeUndefined();
  });

  it("matches any value where its own was unknown, but not the reverse", () => {
    expect(() => {
      compare(planOf(server("[unknown]")), planOf(server("8MB")));
    }).not.toThrow();
    expect(() => {
      compare(planOf(server("8MB")), planOf(server("[unknown]")));
    }).toThrow('reload.memory: the plan says "8MB", now it is "[unknown]"');
  });

  it.each<[string, Plan, string]>([
    ["another value", planOf(server("8MB"), role), 'memory: the plan says "7MB", now it is "8MB"'],
    ["one value less", planOf(server(undefined), role), '"7MB", now it is nothing'],
    [
      "one value more",
      planOf(
        row("update", SERVER, "sark", { inputs: { reload: { memory: "7MB" }, port: 1 } }),
        role,
      ),
      "PostgresServer sark: port: the plan says nothing, now it is 1",
    ],
    [
      "another list",
      planOf(
        server("7MB"),
        row("same", ROLE, "app", { inputs: { name: "app", grants: ["a", "c"] } }),
      ),
      'Role app: grants[1]: the plan says "b", now it is "c"',
    ],
    [
      "another operation",
      planOf(row("replace", SERVER, "sark", { inputs: { reload: { memory: "7MB" } } }), role),
      "PostgresServer sark: the plan says update, now it is replace",
    ],
    ["one resource less", planOf(server("7MB")), "Role app: the plan says same, now it is nothing"],
    [
      "one resource more",
      planOf(server("7MB"), role, row("delete", ROLE, "other")),
      "Role other: the plan says nothing, now it is delete",
    ],
    [
      "another protection",
      planOf(
        row("update", SERVER, "sark", { inputs: { reload: { memory: "7MB" } }, protect: true }),
        role,
      ),
      "PostgresServer sark: its options differ",
    ],
  ])("refuses a new plan with %s, and names the difference", (_what, now, text) => {
    expect(() => {
      compare(PLAN, now);
    }).toThrow(UserError);
    expect(() => {
      compare(PLAN, now);
    }).toThrow(text);
    expect(() => {
      compare(PLAN, now);
    }).toThrow("Nothing was changed");
  });

  it("names ten differences with a new plan, and counts the others", () => {
    const many = Array.from({ length: 13 }, (_each, index) => row("create", ROLE, `r${index}`));
    expect(() => {
      compare(planOf(), planOf(...many));
    }).toThrow("and 3 more differences");
  });

  it.each<[string, (text: string) => string, string, "embedded" | "pulumi", RegExp]>([
    ["another stack's", (text) => text, "prod", "embedded", /of stack local, but --stack is prod/],
    [
      "the other engine's",
      (text) => text,
      "local",
      "pulumi",
      /engine embedded, but this is pulumi/,
    ],
    ["a changed", (text) => text.replace("7MB", "9MB"), "local", "embedded", /it was edited/],
    ["half a", (text) => text.slice(0, 100), "local", "embedded", /cannot be read: .*JSON/],
    ["the CLI's own", () => '{"resourcePlans": {}}', "local", "embedded", /is not a file of/],
  ])("is refused if it is %s file", (_what, change, stack, engine, why) => {
    writePlan(file, PLAN);
    fs.writeFileSync(file, change(fs.readFileSync(file, "utf8")));
    expect(() => readPlanFile(file, stack, engine)).toThrow(UserError);
    expect(() => readPlanFile(file, stack, engine)).toThrow(why);
  });

  it("that does not exist is named in the error", () => {
    expect(() => readPlanFile("none.json", "local", "embedded")).toThrow(
      /--plan none\.json.*ENOENT/,
    );
  });
});

describe("a fingerprint", () => {
  const of = (...rows: Plan["resources"]) => fingerprintOf("local", rows);

  it("does not depend on the order of resources and keys", () => {
    const other = row("same", ROLE, "app", { inputs: { grants: ["a", "b"], name: "app" } });
    expect(of(server("7MB"), role)).toBe(of(other, server("7MB")));
  });

  it("changes with the stack, an operation or a value", () => {
    const all = [
      of(server("7MB")),
      of(server("8MB")),
      of(row("create", SERVER, "sark", { inputs: { reload: { memory: "7MB" } } })),
      fingerprintOf("prod", [server("7MB")]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
