import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readConfig } from "../../../engine/embedded/config";

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-config-"));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

function config(project: string, stack: string) {
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), `name: demo\nconfig:\n${project}`);
  fs.writeFileSync(path.join(root, "Pulumi.dev.yaml"), stack);
  return readConfig({ root, stack: "dev" });
}

test("a stack's key replaces the project's default as a whole", () => {
  const { project, values } = config(
    `
  pool: { default: { size: 20, mode: transaction }, type: object, description: the pool }
  short: text
  number: 5
  list: [1, 2]
  other:region: { value: eu-west-1 }
  untouched: { default: true, type: boolean }
`,
    `
config:
  demo:pool: { size: 30 }
  number: 6.5
  aws:profile: me
`,
  );
  expect(project).toBe("demo");
  expect(values).toEqual({
    "demo:pool": '{"size":30}',
    "demo:short": "text",
    "demo:number": "6.5",
    "demo:list": "[1,2]",
    "other:region": "eu-west-1",
    "demo:untouched": "true",
    "aws:profile": "me",
  });
});

test("a key that the project declares without a default must be set", () => {
  expect(() =>
    config("  a: { type: string }\n  b: { type: string }\n", "config: { b: x }"),
  ).toThrow("Pulumi.dev.yaml lacks demo:a: Pulumi.yaml declares it without a default.");
});

test("an empty stack file takes every default", () => {
  expect(config("  a: 1\n", "").values).toEqual({ "demo:a": "1" });
});

test.each(["demo:p: { secure: v1:abc }", "demo:p: { deep: [{ secure: v1:abc }] }"])(
  "%s is refused with the way out, and the text is not shown",
  (line) => {
    const read = (): unknown => config("  a: 1\n", `config:\n  ${line}\n`);
    expect(read).toThrow(/demo:p in Pulumi.dev.yaml is encrypted .* --engine pulumi/);
    expect(read).not.toThrow(/v1:abc/);
  },
);

test("a stack without a file is refused with the names of those that have one", () => {
  config("  a: 1\n", "");
  fs.writeFileSync(path.join(root, "Pulumi.local.yaml"), "");
  expect(() => readConfig({ root, stack: "prod" })).toThrow(
    'There is no stack "prod". Stacks that have a file: dev, local.',
  );
});

test("broken YAML names the file", () => {
  expect(() => config("  a: 1\n", "config: [")).toThrow(/^Pulumi\.dev\.yaml: /);
});
