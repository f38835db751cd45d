import * as fs from "node:fs";
import * as path from "node:path";
import { HOSTILE, hiddenIn } from "../../support/hostile";
import { UsageError } from "../../../engine/engine";
import { refused } from "../support/run-line";
import { TestProject } from "../support/project";

jest.setTimeout(120_000);

const SOURCE = path.join(__dirname, "../../..");
const LONG = "x".repeat(100_000);

/** Texts that the operating system accepts in an argument or the environment. */
const PASSED_ON = Object.entries(HOSTILE).filter(([, text]) => !/[\0\ud800-\udfff]/.test(text));
const EVERYTHING = PASSED_ON.map(([, text]) => text).join("a") + "\n";

describe("an error about a command line", () => {
  it.each([
    ["a command", (text: string) => [text]],
    ["a flag", (text: string) => ["preview", `--${text}`]],
    ["a flag's value", (text: string) => ["preview", `--json=${text}`]],
    ["a stack", (text: string) => ["preview", "--stack", text]],
    ["an engine", (text: string) => ["preview", "--engine", text]],
    ["a word too many", (text: string) => ["status", text]],
    ["a second login", (text: string) => ["secret", text, text]],
    ["a second query", (text: string) => ["query", text, text]],
    ["a parameter", (text: string) => ["query", "--param", text]],
    ["a report", (text: string) => ["tell", text, "--report", "report.md"]],
    ["a scale", (text: string) => ["load", "--scale", text]],
    ["a seed", (text: string) => ["load", "--seed", text]],
    ["a database", (text: string) => ["baseline", "--database", text]],
  ])("shows %s escaped, on one line, and shortened", async (_name, argv) => {
    const message = await messageOf(argv(`be${EVERYTHING}fore`));
    expect(hiddenIn(message)).toEqual([]);
    expect(message).toContain("202e");
    expect(message).not.toContain("\n");
    expect((await messageOf(argv(LONG))).length).toBeLessThan(1000);
  });
});

async function messageOf(argv: readonly string[]): Promise<string> {
  try {
    await refused(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

/** Runs the commands as a user starts them. */
describe("an error of a started command", () => {
  const run = { GITHUB_REPOSITORY: "example/sark", GITHUB_RUN_ID: "1" };
  const project = new TestProject({ GITHUB_SERVER_URL: "https://example.org", ...run });

  it.each([
    ["a name", (text: string) => [text]],
    ["a report", (text: string) => ["tell", "drift", "--report", text]],
    ["a plan", (text: string) => ["up", "--yes", "--engine", "embedded", "--plan", text]],
  ])("shows %s escaped, on one line, and shortened", async (_name, argv) => {
    const { err, out } = await project.run(...argv(`be${EVERYTHING}fore`));
    expect(hiddenIn(err + out)).toEqual([]);
    expect(err).toContain("202e");
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    const long = await project.run(...argv(LONG));
    expect((long.err + long.out).length).toBeLessThan(1000);
    expect(long.code).not.toBe(0);
  });
});

describe("an error about an environment variable", () => {
  it.each([
    ["PGPORT", { PGHOST: "127.0.0.1", PGUSER: "u" }],
    ["PGSSLMODE", { PGHOST: "127.0.0.1", PGUSER: "u" }],
    ["PGSSLROOTCERT", { PGHOST: "127.0.0.1", PGUSER: "u" }],
    ["PGHOST", { PGUSER: "u" }],
    ["PGDATABASE", { PGHOST: "/nowhere", PGUSER: "u" }],
    ["PGUSER", { PGHOST: "/nowhere" }],
  ])("shows %s escaped and shortened", async (name, env) => {
    const project = new TestProject({ ...env, [name]: `/be${EVERYTHING}fore` });
    fs.cpSync(path.join(SOURCE, "sql"), path.join(project.root, "sql"), { recursive: true });
    const { err, out } = await project.run("baseline", "--database", "sark", "--yes");
    expect(hiddenIn(err + out)).toEqual([]);
    expect(err).toContain("202e");
  });
});

describe("an error about a stack's settings", () => {
  const project = new TestProject();
  // The real program, which reads the settings before it creates anything.
  for (const file of ["index.ts", "Pulumi.yaml", "components/resources/providers.ts"]) {
    project.write(file, fs.readFileSync(path.join(SOURCE, file), "utf8"));
  }
  fs.cpSync(path.join(SOURCE, "sql"), path.join(project.root, "sql"), { recursive: true });
  const preview = async (config: string) => {
    project.write("Pulumi.local.yaml", `config:\n${config}`);
    return project.run("preview", "--engine", "embedded");
  };

  it("shows no hidden character of a value or key", async () => {
    const all = JSON.stringify(Object.values(HOSTILE).join("a") + "\n");
    const { code, err, out } = await preview(
      `  sark-databases:route: ${all}\n  sark-databases:local: { ports: { sark: ${all} }, ${all}: 1 }\n` +
        `  ${JSON.stringify(`sark-databases:key${JSON.parse(all) as string}`)}: 1\n`,
    );
    expect(code).toBe(1);
    expect(hiddenIn(err + out)).toEqual([]);
    expect(err.match(/202e/g)?.length).toBeGreaterThanOrEqual(4);
    expect(err).toMatch(/sark-databases:route: got "\\u202e.*…" \(47 characters\); allowed: /);
    expect(err).toMatch(/sark-databases:local\.\\u\{202e\}.*: got an unknown key/);
  });

  it("shortens a long value, and gives its length", async () => {
    const { err } = await preview(
      `  sark-databases:route: ${LONG}\n  sark-databases:${LONG.slice(0, 900)}: 1\n`,
    );
    expect(err).toMatch(/route: got "x{10,}…" \(100000 characters\); allowed/);
    expect(err.length).toBeLessThan(3000);
  });

  it("shows a line break in a value as an escape", async () => {
    const { err } = await preview(`  sark-databases:route: "x\\nDone: 3 created."\n`);
    expect(err.split("\n")).not.toContain('Done: 3 created.";');
    expect(err).not.toMatch(/^Done/m);
  });

  it("shows no hidden character of broken YAML or of an encrypted key", async () => {
    const broken = await preview("  a: [\u202e\u001b[2J\u0085\n\u200b b: }{\n");
    expect(hiddenIn(broken.err + broken.out)).toEqual([]);
    expect(broken.err).toContain("Pulumi.local.yaml");
    expect(broken.err).toContain("202e");
    const encrypted = await preview(`  "x:\\e[2J\\u202E": { secure: abc }\n`);
    expect(hiddenIn(encrypted.err + encrypted.out)).toEqual([]);
    expect(encrypted.err).toContain("202e");
  });
});

describe("an error about a file", () => {
  const project = new TestProject();

  it("names other stacks' files without hidden characters", async () => {
    project.write("Pulumi.other\u202e\u001b[2J.yaml", "config: {}\n");
    const { err } = await project.run("preview", "--stack", "nosuch");
    expect(hiddenIn(err)).toEqual([]);
    expect(err).toContain("202e");
  });

  it("shows no control character of a state or a saved plan", async () => {
    const hostile = JSON.stringify("be\u202e\u001b[2J\nfore");
    project.write("plan.json", `{"format":1,"engine":"embedded","stack":${hostile}}`);
    const plan = await project.run("up", "--yes", "--engine", "embedded", "--plan", "plan.json");
    expect(hiddenIn(plan.err + plan.out)).toEqual([]);
    fs.mkdirSync(path.join(project.root, ".sark/state/embedded"), { recursive: true });
    const state = { version: 1, project: "be\u202e\u001b[2J\nfore", resources: [] };
    project.write(".sark/state/embedded/local.json", JSON.stringify(state));
    const refused = await project.run("preview", "--engine", "embedded");
    expect(hiddenIn(refused.err + refused.out)).toEqual([]);
    expect(refused.code).toBe(1);
  });
});
