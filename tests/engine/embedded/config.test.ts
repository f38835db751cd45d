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

test("a stack's key replaces the project's whole default", () => {
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

test("a project key without a default must be set", () => {
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

test("a stack without a file is refused, and the error names the existing stacks", () => {
  config("  a: 1\n", "");
  fs.writeFileSync(path.join(root, "Pulumi.local.yaml"), "");
  expect(() => readConfig({ root, stack: "prod" })).toThrow(
    'There is no stack "prod". Stacks that have a file: dev, local.',
  );
});

test("the error about broken YAML names the file", () => {
  expect(() => config("  a: 1\n", "config: [")).toThrow(/^Pulumi\.dev\.yaml: /);
});

test("merge keys and aliases are read as by the CLI", () => {
  const { values } = config(
    "  a: 1\n",
    `config:
  first: &first { home: local, connections: 100, size: { memory: 1GiB } }
  second:
    <<: *first
    connections: 60
  third: { <<: [*first, { home: aws, port: 1 }], own: true }
  fourth: *first
`,
  );
  const parsed = (key: string): unknown => JSON.parse(values[`demo:${key}`] ?? "");
  expect(parsed("second")).toEqual({ home: "local", connections: 60, size: { memory: "1GiB" } });
  expect(parsed("third")).toMatchObject({ home: "local", connections: 100, port: 1, own: true });
  expect(parsed("fourth")).toEqual(parsed("first"));
});

test.each<[string, string, RegExp]>([
  ["a list that holds itself", "  p: &p [*p]", /^demo:p in Pulumi\.dev\.yaml contains itself/],
  ["a group that holds itself", "  p: &p { q: { r: *p } }", /^demo:p in .* contains itself/],
  ["the group of all settings", "  p: *all", /^demo:p in Pulumi\.dev\.yaml contains itself/],
  ["deep nesting", `  p: ${"[".repeat(400)}${"]".repeat(400)}`, /^demo:p in .* nested more than/],
  ["very deep nesting", `  p: ${"[".repeat(20_000)}`, /^Pulumi\.dev\.yaml: .*nested too deeply/],
  ["deep groups", `  p: ${"{a: ".repeat(400)}${"}".repeat(400)}`, /^demo:p in .* nested more than/],
  ["a bomb", bomb(), /^Pulumi\.dev\.yaml: Excessive alias count/],
  ["an alias of nothing", "  p: *nowhere", /^Pulumi\.dev\.yaml: Unresolved alias/],
  ["an unknown tag", "  p: !ref x", /^Pulumi\.dev\.yaml: Unresolved tag: !ref/],
  ["one key twice", "  p: 1\n  demo:p: 2", /^demo:p is set twice in Pulumi\.dev\.yaml/],
  ["a list as a key", "  ? [a]\n  : b", /^Pulumi\.dev\.yaml: \["a"\] is not the name of a setting/],
  [
    "an alias as a key",
    "  p: &p x\n  *p : b",
    /^Pulumi\.dev\.yaml: \*p is not the name of a setting/,
  ],
  ["a group that merges itself", "  p: &p { a: 1, <<: *p }", /: <<: \*p is inside &p/],
  ["a list of merged groups", "  p: &p { q: { <<: [*p] } }", /: <<: \*p is inside &p/],
  ["a merged group around it", "  p: &p { <<: { q: *p } }", /: <<: \*p is inside &p/],
  ["the merged group of all", "  <<: *all", /^Pulumi\.dev\.yaml: <<: \*all is inside &all/],
  [
    "a second document",
    "  p: 1\n---\nconfig: {}",
    /^Pulumi\.dev\.yaml: the file holds several YAML documents\. Keep one/,
  ],
  ["no number", "  p: { q: .nan }", /^demo:p in .* contains NaN, which is not a valid number/],
  [
    "no finite number",
    "  p: -.inf",
    /^demo:p in .* contains -Infinity, which is not a valid number/,
  ],
])("YAML with %s is refused", (_, lines, sentence) => {
  expect(() => config("  a: 1\n", `config: &all\n${lines}\n`)).toThrow(sentence);
});

const NOTATIONS: readonly [string, string, string][] = [
  ["0100", "64", "100"],
  ["0777", "511", "777"],
  ["-0100", "-64", "-100"],
  ["1_000", "1000", "the text 1_000"],
  ["1_0.5", "10.5", "the text 1_0.5"],
  ["0x_1F", "31", "the text 0x_1F"],
  ["0b11", "3", "the text 0b11"],
  ["-0x1F", "-31", "the text -0x1F"],
  ["0O17", "15", "the text 0O17"],
];
test.each(NOTATIONS)(
  "the number %s is refused, since the Pulumi CLI reads it differently",
  (number, cli, here) => {
    const told = `${number} is ${cli} to the Pulumi CLI and ${here} to this engine: write the number in plain digits, or in quotes`;
    for (const lines of [`  a: ${number}`, `  a: { b: [x, ${number}] }`]) {
      expect(() => config("  a: 1\n", `config:\n${lines}\n`)).toThrow(`Pulumi.dev.yaml: ${told}`);
      expect(() => config(`${lines}\n`, "")).toThrow(`Pulumi.yaml: ${told}`);
    }
  },
);

test.each(["07", "0o17", "0x1F", "007.5", "0899", "1e3", "+5", "'0100'", '"1_0"', "!!str 0100"])(
  "the number %s is accepted, since the Pulumi CLI reads it in the same way",
  (number) => {
    expect(Object.keys(config("  a: 1\n", `config:\n  a: ${number}\n`).values)).toEqual(["demo:a"]);
  },
);

test.each(["_1", "1_000_rows", "a_1", "0b12"])("%s is read as a string", (text) => {
  expect(config("  a: 1\n", `config:\n  a: ${text} \n`).values).toEqual({ "demo:a": text });
});

function bomb(): string {
  const lists = Array.from({ length: 9 }, (_, at) =>
    at === 0
      ? "  l0: &l0 [x, x]"
      : `  l${String(at)}: &l${String(at)} [${Array(9)
          .fill(`*l${String(at - 1)}`)
          .join(", ")}]`,
  );
  return lines(lists);
}

function lines(texts: readonly string[]): string {
  return texts.join("\n");
}

test("an unknown top-level key of a stack's file is refused", () => {
  expect(() => config("  a: 1\n", "confg: { a: 2 }\n")).toThrow(
    "Pulumi.dev.yaml: confg is not a key of a stack's file. Did you mean config?",
  );
  const others = "secretsprovider: passphrase\nencryptionsalt: v1:abc\nconfig: { a: 2 }\n";
  expect(config("  a: 1\n", others).values).toEqual({ "demo:a": "2" });
});
