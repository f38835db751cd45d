import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bodies of test files, by name. */
const FILES = {
  "three-queries-at-once": `
    const { Client } = require("pg");
    test("runs", () => {
      const client = new Client();
      for (let n = 0; n < 3; n++) client.query("select 1").catch(() => undefined);
    });`,
  "queries-one-after-another": `
    const { Client } = require("pg");
    test("runs", () => { new Client().query("select 1").catch(() => undefined); });`,
  "too-many-listeners": `
    const { EventEmitter } = require("node:events");
    test("runs", () => {
      const emitter = new EventEmitter();
      for (let n = 0; n < 11; n++) emitter.on("event", () => undefined);
    });`,
  "too-long-timer": `
    test("runs", () => { clearTimeout(setTimeout(() => undefined, 2 ** 31)); });`,
  "outside-of-a-test": `
    afterAll(() => process.emitWarning("old", "DeprecationWarning"));
    test("runs", () => undefined);`,
  "in-a-child": `
    const { spawnSync } = require("node:child_process");
    const script = "process.emitWarning('old', 'DeprecationWarning')";
    test("runs", () => { spawnSync(process.execPath, ["--no-warnings", "-e", script]); });`,
  "in-a-child-with-its-own-environment": `
    const { spawnSync } = require("node:child_process");
    const script = "process.emitWarning('old', 'DeprecationWarning')";
    const env = { ...process.env, MORE: "1" };
    test("runs", () => { spawnSync(process.execPath, ["-e", script], { env }); });`,
  "a-child-of-another-user": `
    const { spawnSync } = require("node:child_process");
    const env = { ...process.env };
    test("runs", () => {
      const user = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
      const script = "process.emitWarning('old', 'DeprecationWarning')";
      const child = spawnSync(process.execPath, ["-e", script], { ...user, env, cwd: "/" });
      expect(child.status).toBe(0);
    });`,
  "an-accepted-one": `
    test("runs", () => { process.emitWarning("punycode", "DeprecationWarning", "DEP0040"); });`,
  "a-feature-that-is-new": `
    test("runs", () => { process.emitWarning("new", "ExperimentalWarning"); });`,
} as const;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

let folder: string;
let outcomes: Map<string, { readonly file: string; readonly test: string; readonly text: string }>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warned-"));
  symlinkSync(join(__dirname, "..", "node_modules"), join(folder, "node_modules"));
  for (const [name, body] of Object.entries(FILES)) {
    writeFileSync(join(folder, `${name}.test.js`), body);
  }
  const config = { testEnvironment: join(__dirname, "support", "warnings", "environment.js") };
  const jest = require.resolve("jest/bin/jest");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [jest, "--json", "--runInBand", "--rootDir", folder, "--config", JSON.stringify(config)],
    {
      // The inner run must not report its warnings to this one.
      env: { ...process.env, NODE_OPTIONS: undefined, TEST_WARNINGS_FILE: undefined },
      ...{ encoding: "utf8", cwd: folder },
    },
  );
  if (stdout === "") throw new Error(stderr);
  const { testResults } = JSON.parse(stdout) as Report;
  outcomes = new Map(
    testResults.map(({ name, status, message, assertionResults }) => [
      name.slice(folder.length + 1, -".test.js".length),
      { file: status, test: assertionResults.map((each) => each.status).join(), text: message },
    ]),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ["three-queries-at-once", "already executing a query"],
  ["too-many-listeners", "MaxListenersExceededWarning"],
  ["too-long-timer", "TimeoutOverflowWarning"],
])("a warning fails the test that causes it and shows the line: %s", (name, text) => {
  const outcome = outcomes.get(name);
  expect(outcome).toMatchObject({ file: "failed", test: "failed" });
  expect(outcome?.text).toContain(text);
  expect(outcome?.text).toContain(`${name}.test.js:`);
});

it.each([
  "outside-of-a-test",
  "in-a-child",
  "in-a-child-with-its-own-environment",
  "a-child-of-another-user",
])("a warning that no test caused fails the file: %s", (name) => {
  const outcome = outcomes.get(name);
  expect(outcome).toMatchObject({ file: "failed", test: "passed" });
  expect(outcome?.text).toContain("DeprecationWarning: old");
});

it.each(["queries-one-after-another", "an-accepted-one", "a-feature-that-is-new"])(
  "a test file passes without a failing warning: %s",
  (name) => {
    expect(outcomes.get(name)).toEqual({ file: "passed", test: "passed", text: "" });
  },
);
