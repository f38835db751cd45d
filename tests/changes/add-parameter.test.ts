/** Makes the change of CONTRIBUTING.md's "Add a parameter" in a copy of the project. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../../engine/engine";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

const NAME = "vacuum_buffer_usage_limit";

let stack: StackCopy;

beforeAll(async () => {
  stack = await StackCopy.make();
  const contributing = readFileSync(join(stack.folder, "CONTRIBUTING.md"), "utf8");
  const [, file = "", entry = ""] =
    /\n## Add a parameter\n[^]*?`(\S+-parameters\.ts)`[^]*?\n```ts\n([^]+?)```/.exec(
      contributing,
    ) ?? [];
  const path = join(stack.folder, file);
  writeFileSync(path, readFileSync(path, "utf8").replace("[] = [\n", `$&${entry}`));
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "local", size: { memory: "2GiB", vcpus: 1 } };
  });
});
afterAll(() => stack.remove());

async function planned(name: "local" | "prod"): Promise<Plan["resources"]> {
  const flags = ["--json", "--engine", "embedded", "--stack", name];
  const { stdout } = await stack.mustRun("preview", ...flags);
  return (JSON.parse(stdout) as Plan).resources;
}

it("a new parameter is set on the local primary and its replica", async () => {
  const servers = (await planned("local")).filter(({ type }) =>
    /:(PostgresServer|PostgresReplica)$/.test(type),
  );
  expect(servers).toHaveLength(2);
  for (const { inputs } of servers) {
    // 1/64 of 1/4 of 2 GiB
    expect(inputs["parameters"]).toMatchObject({ reload: { [NAME]: "8MB" } });
  }
});

it("a new parameter is set in CloudNativePG's Cluster, and in RDS's parameter groups", async () => {
  const resources = await planned("prod");
  const clusters = resources.filter(({ type }) => type.endsWith(":Cluster"));
  expect(clusters.map(({ inputs }) => inputs["spec"])).toEqual([
    expect.objectContaining({
      postgresql: expect.objectContaining({
        parameters: expect.objectContaining({ [NAME]: "128MB" }) as unknown,
      }) as unknown,
    }),
  ]);
  const groups = resources.filter(({ type }) => type.endsWith(":ParameterGroup"));
  expect(groups.length).toBeGreaterThan(1);
  for (const { inputs } of groups) {
    const parameters = inputs["parameters"] as readonly Readonly<Record<string, string>>[];
    const buffers = parameters.find(({ name }) => name === "shared_buffers");
    // shared_buffers counts pages of 8 kB, this parameter kB; both are whole megabytes.
    const value = String(Math.floor((Number(buffers?.["value"]) * 8) / 64 / 1024) * 1024);
    expect(parameters).toContainEqual({ name: NAME, value, applyMethod: "immediate" });
  }
});

it("the formula of a new parameter appears in docs/tuning.md", async () => {
  const { stdout } = await stack.mustRun("generate", "tuning");
  expect(stdout).toContain("docs/tuning.md: changed");
  const page = readFileSync(join(stack.folder, "docs/tuning.md"), "utf8");
  expect(page.split("\n")).toContain(
    `- \`${NAME}\` (\`32MB\`): 1/64 of the buffers: a vacuum leaves the pages of other work in memory`,
  );
});
