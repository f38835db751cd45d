/** Makes the change of CONTRIBUTING.md's "Add an objective" in a copy of the project. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

let stack: StackCopy;

const read = (file: string): string => readFileSync(join(stack.folder, file), "utf8");

beforeAll(async () => {
  stack = await StackCopy.make();
  const [, file = "", entry = ""] =
    /\n## Add an objective\n[^]*?`(components\/objectives\/\S+\.ts)`[^]*?\n```ts\n([^]+?)```/.exec(
      read("CONTRIBUTING.md"),
    ) ?? [];
  writeFileSync(join(stack.folder, file), read(file).replace("[] = [\n", `$&${entry}`));
});
afterAll(() => stack.remove());

it("a new objective appears in the tables of docs/monitoring.md", async () => {
  const { stdout } = await stack.mustRun("generate", "objectives");
  expect(stdout).toContain("docs/monitoring.md: changed");
  const cells = read("docs/monitoring.md")
    .split("\n")
    .map((line) => line.split(/ *\| */));
  expect(cells).toContainEqual([
    "",
    "[temporary-files](runbooks/temporary-files.md)",
    "both",
    "bytes written to temporary files in an hour",
    "≤ 10 GiB",
    "",
    "10 min",
    "",
  ]);
});

it("a stack may set the limits of a new objective, and of no unknown one", async () => {
  const withLimit = (name: string): void => {
    stack.configure((config) => {
      config["sark-databases:monitoring"] = { objectives: { [name]: { target: 1 } } };
    });
  };
  withLimit("temporary-file");
  const refused = await stack.run("preview", "--engine", "embedded", "--stack", "local");
  expect(refused.stdout + refused.stderr).toContain("temporary-file");
  expect(refused.code).toBe(1);
  withLimit("temporary-files");
  await stack.mustRun("preview", "--engine", "embedded", "--stack", "local");
});
