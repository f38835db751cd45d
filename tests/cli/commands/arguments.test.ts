import * as fs from "node:fs";
import * as path from "node:path";
import { UsageError } from "../../../engine/engine";
import { refuseFlagsTakenByNpm } from "../../../cli/commands/command-line";
import { declared, parsed, refused } from "../support/run-line";

const plain = { args: [], stack: "local" };

describe("a command line", () => {
  it.each([
    ["up", { ...plain, name: "up" }],
    [
      "up --stack dev --engine pulumi --yes --json --expect-no-changes",
      {
        name: "up",
        args: [],
        stack: "dev",
        engine: "pulumi",
        yes: true,
        json: true,
        expectNoChanges: true,
      },
    ],
    ["preview --stack=prod", { ...plain, name: "preview", stack: "prod" }],
    [
      "preview --save-plan plan.json --report=report.md",
      { ...plain, name: "preview", savePlan: "plan.json", report: "report.md" },
    ],
    ["up --plan plan.json --yes", { ...plain, name: "up", yes: true, plan: "plan.json" }],
    [
      "drift --stack dev --report drift.md",
      { ...plain, name: "drift", stack: "dev", report: "drift.md" },
    ],
    [
      "tell drift --stack dev --report drift.md",
      { name: "tell", args: ["drift"], stack: "dev", report: "drift.md" },
    ],
    ["destroy --yes", { ...plain, name: "destroy", yes: true }],
    ["status --json", { ...plain, name: "status", json: true }],
    ["secret", { ...plain, name: "secret" }],
    [
      "secret sark_app --url --pool",
      { ...plain, name: "secret", args: ["sark_app"], url: true, pool: true },
    ],
    ["query", { ...plain, name: "query", param: {} }],
    [
      "query user-events --param user_id=7 --param note=a=b --stack dev",
      {
        name: "query",
        args: ["user-events"],
        stack: "dev",
        param: { user_id: "7", note: "a=b" },
      },
    ],
    ["load", { ...plain, name: "load", scale: "S", seed: 1 }],
    [
      "load --scale M --seed 42 --database sark_audit --yes",
      { ...plain, name: "load", yes: true, scale: "M", seed: 42, database: "sark_audit" },
    ],
    ["baseline --database sark", { name: "baseline", args: [], database: "sark" }],
    ["lint:sql", { name: "lint:sql", args: [] }],
    ["lint:sql --since sark/000123", { name: "lint:sql", args: [], since: "sark/000123" }],
    ["lint:sql --all", { name: "lint:sql", args: [], all: true }],
    ["generate", { name: "generate", args: [] }],
    ["generate settings lint", { name: "generate", args: ["settings", "lint"] }],
    [
      "test tests/engine -t words --json -- --help",
      { name: "test", args: ["tests/engine", "-t", "words", "--json", "--", "--help"] },
    ],
    ["test -h --stack dev", { name: "test", args: ["-h", "--stack", "dev"] }],
  ])("accepts %s", async (line, command) => {
    expect(await parsed(line.split(" "))).toEqual(command);
  });

  it.each([
    ["upp", /'upp' \(Did you mean up\?\); allowed: up, preview, .*, tell, test, check, lint:sql/],
    ["help foo", /unknown command 'foo'; allowed: up, preview/],
    ["help stauts", /'stauts' \(Did you mean status\?\); allowed/],
    ["query --param id=1", /--param needs a query/],
    ["up --stak dev", /'--stak' .*--stack\?\); allowed: --stack, --engine, --yes, --json/],
    ["up dev", /Given: dev\. Name a stack with --stack/],
    ["up --stack", /'--stack <name>' argument missing: the stack, as in Pulumi\.<name>\.yaml/],
    ["up --stack --yes", /'--stack <name>' argument '--yes' is invalid.*starts with a letter/],
    ["up --yes=no", /'--yes=no' \(Did you mean --yes\?\)/],
    ["up --stack ../prod", /'\.\.\/prod' is invalid.*letters, digits/],
    ["up --engine terraform", /'terraform' is invalid. Allowed choices are pulumi, embedded/],
    ["status --expect-no-changes", /'--expect-no-changes'; allowed: --stack, .*, --help$/],
    ["preview --url", /'--url'; allowed: --stack/],
    ["preview --plan plan.json", /'--plan'; allowed: .*--save-plan/],
    ["up --save-plan plan.json", /'--save-plan'; allowed: .*--plan/],
    ["up --plan", /'--plan <file>' argument missing: applies the plan of `preview --save-plan`/],
    ["up --plan --yes", /'--yes' is invalid. A value must not be empty or start with "-"/],
    ["up --plan=", /'' is invalid. A value must not be empty/],
    ["drift --expect-no-changes", /'--expect-no-changes'; allowed: .*--report/],
    ["tell --report r", /missing required argument 'preview\|drift'/],
    ["tell preview", /'--report <file>' not specified: the report that `npm run preview`/],
    ["tell preview drift --report r", /Expected 1 argument but got 2. Given: preview, drift/],
    ["tell previews --report r", /'previews' is invalid .*Allowed choices are preview, drift/],
    ["tell preview --engine embedded --report r", /'--engine'; allowed: --stack, --report/],
    ["query a b", /Expected 1 argument but got 2. Given: a, b/],
    ["query a --param user_id", /'user_id' is invalid. Write --param name=value/],
    ["load --scale XL", /'XL' is invalid. Allowed choices are S, M, L/],
    ["load --seed -1", /'-1' is invalid. A seed is a number from 0/],
    ["load --seed many", /'many' is invalid. A seed is a number from 0/],
    ["load --database audit", /'audit' is invalid. Allowed choices are sark, sark_audit/],
    ["baseline", /'--database <name>' not specified: .*choices: "sark", "sark_audit"/],
    ["baseline --database sark --stack dev", /'--stack'; allowed: --database, --yes, --json/],
    ["lint:sql sark", /Expected 0 arguments but got 1. Given: sark\.$/],
    ["lint:sql --since", /'--since <file>' argument missing: .*such as sark\/000123/],
    ["scan --stack dev", /'--stack'; allowed: --help$/],
    ["secret --url", /--url needs a login/],
    ["secret sark_app --pool", /add --url/],
    ["secret a b", /Expected 1 argument but got 2. Given: a, b/],
    ["--stack dev up", /'--stack'; allowed: --help$/],
  ])("refuses %s, and says what is allowed", async (line, message) => {
    await expect(refused(line.split(" "))).rejects.toThrow(UsageError);
    await expect(refused(line.split(" "))).rejects.toThrow(message);
  });

  it.each([
    ["--help", "Usage: npm run <command> -- [options]\n"],
    ["help", "Usage: npm run <command> -- [options]\n"],
    ["help up", "Usage: npm run up -- [options]\n"],
    ["lint:sql --help", "Usage: npm run lint:sql -- [options]\n"],
    ["baseline --stak --help", "Usage: npm run baseline -- [options]\n"],
    ["test --help", "Usage: npm run test -- [--changed [commit] | arguments of jest]\n"],
  ])("shows help for %s, and exits 0", async (line, usage) => {
    const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      await expect(parsed(line.split(" "))).rejects.toMatchObject({ exitCode: 0 });
      const text = write.mock.calls.map(([chunk]) => String(chunk)).join("");
      expect(text.startsWith(usage)).toBe(true);
      expect(text).toContain("\nExit codes:\n");
    } finally {
      write.mockRestore();
    }
  });

  it("has a script in package.json for every command", () => {
    const file = path.join(__dirname, "../../../package.json");
    const { scripts } = JSON.parse(fs.readFileSync(file, "utf8")) as { scripts: object };
    for (const name of ["help", ...declared().commands.map((command) => command.name())]) {
      expect(scripts).toHaveProperty([name], `node cli/bootstrap/bootstrap.js ${name}`);
    }
  });
});

describe("a flag before npm's --", () => {
  const refuse = (environment: NodeJS.ProcessEnv) => () => {
    refuseFlagsTakenByNpm(declared(), environment);
  };

  it("is refused, since npm would swallow it and the command run on another stack", () => {
    expect(refuse({ npm_config_stack: "true", npm_lifecycle_event: "destroy" })).toThrow(
      /npm took --stack.*npm run destroy -- --stack/,
    );
    expect(refuse({ npm_config_plan: "plan.json", npm_lifecycle_event: "up" })).toThrow(
      /npm took --plan.*npm run up -- --plan/,
    );
    expect(refuse({ npm_config_expect_no_changes: "true", npm_config_seed: "1" })).toThrow(
      /npm took --expect-no-changes and --seed.*npm run up -- --expect-no-changes ... --seed/,
    );
  });

  it("is not reported for npm's own settings", () => {
    expect(
      refuse({ npm_config_yes: "true", npm_config_all: "", npm_config_registry: "x" }),
    ).not.toThrow();
  });
});
