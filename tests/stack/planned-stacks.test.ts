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

it("is one JSON document when npm runs the command, without a word of npm's own", () => {
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

it("creates everything, and nothing in the cloud", () => {
  expect(new Set(plan.resources.map(({ op }) => op))).toEqual(new Set(["create"]));
  const packages = new Set(plan.resources.map(({ type }) => type.split(":")[0]));
  expect([...packages].sort()).toEqual(["postgresql", "pulumi", "pulumi-nodejs", "random", "sark"]);
});

it("names the pending migrations, without a connection", () => {
  expect(Object.keys(named("sark-database-migrations").inputs["files"] as object)[0]).toBe(
    "000001_users.sql",
  );
  expect(Object.keys(named("sark-audit-database-migrations").inputs["files"] as object)[0]).toBe(
    "000001_audit_events.sql",
  );
});

describe("what is made inside a database", () => {
  const types = /^postgresql:index|dynamic\/database:/;
  const inside = () =>
    ["sark-database", "sark-audit-database"].map((layer) =>
      plan.resources.filter(
        ({ type, options }) => types.test(type) && options.parent.endsWith(`::${layer}`),
      ),
    );

  it("is made one after another, so that no two change the same catalog row", () => {
    for (const resources of inside()) {
      expect(resources.length).toBeGreaterThan(25);
      const waiting = new Map(resources.map(({ urn, options }) => [urn, options.dependencies]));
      // From the last back to the first, each waits for exactly the one before it.
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

  it("waits for its server", () => {
    expect(names(named("sark-database-sark_owner").options.dependencies)).toContain("sark-primary");
    expect(names(named("sark-audit-database-sark_audit_owner").options.dependencies)).toContain(
      "sark-audit-server",
    );
  });

  it("hides every password, and sends roles a verifier that is a secret as well", () => {
    const roles = plan.resources.filter(
      ({ type, inputs }) => type.includes("role:Role") && inputs["password"],
    );
    expect(roles).toHaveLength(16);
    expect(new Set(roles.map(({ inputs }) => inputs["password"]))).toEqual(new Set(["[secret]"]));
    expect(named("sark-database-migrations").inputs["connection"]).toMatchObject({
      user: "sark_migrate",
      // A password that is yet to be made is not even known.
      password: expect.stringMatching(/^\[(secret|unknown)\]$/) as unknown,
    });
  });
});

it("waits with the pool until there is somebody to log in", () => {
  expect(names(named("pool-process").options.dependencies)).toEqual(
    expect.arrayContaining(["sark-database-migrations", "sark-audit-database-migrations"]),
  );
});

it("protects servers unless the settings turn that off by name", async () => {
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

it("goes through a tunnel that somebody keeps, and tells others the server's own address", async () => {
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

describe("a folder of migrations that cannot be planned", () => {
  const mistakes: Readonly<Record<string, Readonly<Record<string, string | Buffer>>>> = {
    duplicate: { "000099_a.sql": "select 1;", "000099_b.sql": "select 1;" },
    name: { "99_a.sql": "select 1;" },
    directive: { "000099_a.sql": "--! lock_timeout soon\nselect 1;" },
    encoding: { "000099_a.sql": Buffer.from([0xff]) },
  };

  it.each(Object.entries(mistakes))("is named in one sentence: %s", async (code, files) => {
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
  });
});
