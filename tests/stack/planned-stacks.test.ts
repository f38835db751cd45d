import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan, PlannedResource, Progress } from "../../engine/engine";
import { EmbeddedEngine } from "../../engine/embedded/embedded-engine";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(60_000);

const silent: Progress = {
  started: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
  message: () => undefined,
};

let stack: StackCopy;
let plan: Plan;
const named = (name: string): PlannedResource => {
  const found = plan.resources.find(({ urn }) => urn.split("::").at(-1) === name);
  if (!found) throw new Error(`the plan has no ${name}`);
  return found;
};
const names = (urns: readonly string[]) => urns.map((urn) => urn.split("::").at(-1));

beforeAll(async () => {
  stack = await StackCopy.make();
  const { stdout } = await stack.mustRun("preview", "--json", "--engine", "embedded");
  plan = JSON.parse(stdout) as Plan;
});
afterAll(() => stack.remove());

it("preview --json prints one JSON document when npm runs it, without output of npm", () => {
  const args = ["run", "preview", "--", "--json", "--engine", "embedded"];
  const { stdout } = spawnSync("npm", args, { cwd: stack.folder, encoding: "utf8" });
  const printed = JSON.parse(stdout) as Plan;
  expect(printed.resources).toEqual(plan.resources);
  expect(Object.keys(printed)).toEqual([
    "engine",
    "stack",
    "resources",
    "outputs",
    "pendingMigrations",
  ]);
});

it("the plan of the stack local creates everything, and nothing in the cloud", () => {
  expect(new Set(plan.resources.map(({ op }) => op))).toEqual(new Set(["create"]));
  const packages = new Set(plan.resources.map(({ type }) => type.split(":")[0]));
  expect([...packages].sort()).toEqual(["postgresql", "pulumi", "pulumi-nodejs", "random", "sark"]);
});

it("the plan of the stack local names the pending migrations without a connection", () => {
  expect(Object.keys(named("sark-database-migrations").inputs["files"] as object)[0]).toBe(
    "000001_users.sql",
  );
  expect(Object.keys(named("sark-audit-database-migrations").inputs["files"] as object)[0]).toBe(
    "000001_audit_events.sql",
  );
});

describe("resources inside a planned database", () => {
  const types = /^postgresql:index|dynamic\/database:/;
  const inside = () =>
    ["sark-database", "sark-audit-database"].map((layer) =>
      plan.resources.filter(
        ({ type, options }) => types.test(type) && options.parent.endsWith(`::${layer}`),
      ),
    );

  it("are created in sequence, so that no two change the same catalog row", () => {
    for (const resources of inside()) {
      expect(resources.length).toBeGreaterThan(25);
      const waiting = new Map(resources.map(({ urn, options }) => [urn, options.dependencies]));
      // From last to first, each waits exactly for its predecessor.
      const waitedFor = new Set([...waiting.values()].flat());
      const last = [...waiting.keys()].filter((urn) => !waitedFor.has(urn));
      expect(last).toHaveLength(1);
      let steps = 0;
      for (let urn = last[0]; urn !== undefined; steps++) {
        urn = waiting.get(urn)?.filter((each) => waiting.has(each))[0];
      }
      expect(steps).toBe(resources.length);
    }
  });

  it("wait for their server", () => {
    expect(names(named("sark-database-sark_owner").options.dependencies)).toContain("sark-primary");
    expect(names(named("sark-audit-database-sark_audit_owner").options.dependencies)).toContain(
      "sark-audit-server",
    );
  });

  it("have no visible password; roles get a verifier, which is a secret too", () => {
    const roles = plan.resources.filter(
      ({ type, inputs }) => type.includes("role:Role") && inputs["password"],
    );
    expect(roles).toHaveLength(16);
    expect(new Set(roles.map(({ inputs }) => inputs["password"]))).toEqual(new Set(["[secret]"]));
    expect(named("sark-database-migrations").inputs["connection"]).toMatchObject({
      user: "sark_migrate",
      // A password that is not generated yet is unknown.
      password: expect.stringMatching(/^\[(secret|unknown)\]$/) as unknown,
    });
  });
});

it("the planned pool waits for its logins", () => {
  expect(names(named("pool-process").options.dependencies)).toEqual(
    expect.arrayContaining(["sark-database-migrations", "sark-audit-database-migrations"]),
  );
});

it("the planned servers are protected unless the setting `protection` turns that off", async () => {
  expect(named("sark-primary").options.protect).toBe(false);
  stack.configure((config) => {
    delete config["sark-databases:protection"];
  });
  const engine = new EmbeddedEngine({
    program: (root) => path.join(root, ".sark", "build", "program.js"),
  });
  const { resources } = await engine.preview({ root: stack.folder, stack: "local" }, silent);
  const guarded = resources.filter(({ options }) => options.protect);
  expect(names(guarded.map(({ urn }) => urn)).sort()).toEqual([
    "sark-audit-server",
    "sark-primary",
  ]);
});

it("the plan uses a tunnel if the settings have one, and outputs the server's own address", async () => {
  const sark = { home: "local", tunnel: { host: "127.0.0.9", port: 5999 } };
  stack.configure((config) => {
    config["sark-databases:sark"] = sark;
  });
  const { stdout } = await stack.mustRun("preview", "--json", "--engine", "embedded");
  const { resources, outputs } = JSON.parse(stdout) as Plan;
  const provider = resources.find(({ urn }) => urn.endsWith("::sark-database-provider"));
  expect(provider?.inputs).toMatchObject({ host: sark.tunnel.host, port: "5999" });
  expect(outputs["servers"]).toMatchObject({ sark: { host: "127.0.0.1", port: stack.ports.sark } });
});

describe("a migration folder with an error", () => {
  const mistakes: Readonly<Record<string, Readonly<Record<string, string | Buffer>>>> = {
    duplicate: { "000099_a.sql": "select 1;", "000099_b.sql": "select 1;" },
    name: { "99_a.sql": "select 1;" },
    directive: { "000099_a.sql": "--! lock_timeout soon\nselect 1;" },
    encoding: { "000099_a.sql": Buffer.from([0xff]) },
  };

  it.each(Object.entries(mistakes))(
    "is refused in one sentence by the preview: %s",
    async (code, files) => {
      const folder = path.join(stack.folder, "sql", "sark_audit");
      for (const [name, text] of Object.entries(files))
        fs.writeFileSync(path.join(folder, name), text);
      try {
        const { stderr } = await stack.run("preview", "--engine", "embedded");
        expect(stderr.split("\n").filter(Boolean)).toEqual([
          expect.stringMatching(new RegExp(`^sql/sark_audit: ${code}: (000099|99)_[ab].sql`)),
        ]);
      } finally {
        for (const name of Object.keys(files)) fs.rmSync(path.join(folder, name));
      }
    },
  );
});
