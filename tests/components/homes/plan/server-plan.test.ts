import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { localShare } from "../../../../components/homes/local/processes/machine-profile";
import { planProblems, planServers } from "../../../../components/homes/plan/stack-plan";
import { type Settings, shapedSettings } from "../../../support/parse-settings";

const GiB = 1024 ** 3;
const share = { memory: 1 * GiB, vcpus: 1 };

const settingsOf = (differences: Record<string, unknown> = {}): Settings =>
  shapedSettings({
    sark: { home: "kubernetes" },
    audit: { home: "kubernetes" },
    route: "direct",
    protection: true,
    rotation: 1,
    ...differences,
  });
const parameter = (settings: Settings, name: string) =>
  planServers(settings, share).sark.parameters.find((each) => each.name === name);

describe("a stack with default settings", () => {
  it("fits in memory, parameters and connections", () => {
    expect(planProblems(settingsOf(), share)).toEqual([]);
  });

  it("has the connections of its tier, and a pool that fits into 80 % of them", () => {
    const { sark } = planServers(settingsOf(), share);
    expect(sark.maxConnections).toBe(200);
    // (2 instances and one that is ending) x (43 + 5 of the session pool) + 12 fixed sessions + 4 of the jobs
    expect(sark.entries.map(({ name, maxDbConnections }) => [name, maxDbConnections])).toEqual([
      ["sark", 43],
      ["sark_session", 5],
      ["sark_replica", 43],
    ]);
    expect(sark.budget.total).toBe(160);
    expect(sark.budget.limit).toBe(160);
  });

  it.each(["low", "medium", "high", "very-high"])("fits in tier %s", (tier) => {
    expect(planProblems(settingsOf({ application: { tier } }), share)).toEqual([]);
  });
});

it("a server without a size has a share of the machine in the local home, and the guide's size elsewhere", () => {
  const buffers = (home: string) =>
    parameter(settingsOf({ sark: { home, connections: 100 } }), "shared_buffers");
  expect(buffers("kubernetes")?.setting).toBe("2GB");
  expect(buffers("local")?.setting).toBe("256MB");
});

it("an embedded TimescaleDB, whose parameters are fixed, gets no computed parameters", () => {
  expect(
    planServers(settingsOf({ audit: { home: "local" } }), share).sark_audit.parameters,
  ).toEqual([]);
});

describe("a parameter set by the stack", () => {
  const overriding = (parameters: Record<string, unknown>) =>
    settingsOf({ sark: { home: "kubernetes", parameters } });

  it("replaces the computed one, with its unit and its need of a restart", () => {
    expect(parameter(overriding({ work_mem: "4096kB" }), "work_mem")).toEqual({
      name: "work_mem",
      value: 4096,
      setting: "4MB",
      unit: "kB",
      restart: false,
    });
    expect(parameter(overriding({ wal_buffers: "32MB" }), "wal_buffers")?.restart).toBe(true);
  });

  it.each([
    ["one that does not exist", { wrok_mem: "4MB" }, "work_mem"],
    ["a value outside of the server's limits", { work_mem: "1kB" }, "64kB"],
    ["max_connections, which has a setting of its own", { max_connections: 50 }, "connections"],
  ])("is refused: %s", (_, parameters, hint) => {
    expect(planProblems(overriding(parameters), share)).toEqual([expect.stringContaining(hint)]);
  });
});

describe("the connections of a stack", () => {
  it("are refused beyond the limit, with the sum and a setting that fits", () => {
    const [problem] = planProblems(settingsOf({ pool: { maxServerConnections: 100 } }), share);
    expect(problem).toContain("of 160 (80 % of max_connections 200)");
    expect(problem).toMatch(/max_db_connections \d+ fits|max_connections \d+ fits/);
  });

  it("are refused if PgBouncer would run out of open files", () => {
    const [problem] = planProblems(settingsOf({ pool: { openFiles: 1024 } }), share);
    expect(problem).toContain("open_files");
  });

  it("are counted for each pod without a pool", () => {
    const { sark } = planServers(settingsOf({ pool: { enabled: false } }), share);
    expect(sark.entries).toEqual([]);
    expect(sark.budget.items.find(({ name }) => name === "application")?.formula).toBe(
      "(4 pods + 1 surge) x (20 pool + 10 overflow)",
    );
  });
});

it.each([1, 4, 8, 16, 64].flatMap((memory) => [1, 4, 16, 64].map((vcpus) => [memory, vcpus])))(
  "the local stack fits a machine of %p GiB and %p processors",
  (memory, vcpus) => {
    const file = join(__dirname, "../../../../Pulumi.local.yaml");
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    const local = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace("sark-databases:", ""), value]),
    );
    const machine = localShare({ memoryBytes: memory * GiB, vcpus });
    expect(planProblems(settingsOf(local), machine)).toEqual([]);
  },
);
