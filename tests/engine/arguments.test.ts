import { parseCommand } from "../../engine/arguments";
import { refuseFlagsTakenByNpm, UsageError } from "../../engine/flags";

const plain = { stack: "local", engine: undefined, yes: false, json: false };

describe("a command line", () => {
  it.each([
    ["up", { ...plain, name: "up", expectNoChanges: false }],
    [
      "up --stack dev --engine pulumi --yes --json --expect-no-changes",
      {
        name: "up",
        stack: "dev",
        engine: "pulumi",
        yes: true,
        json: true,
        expectNoChanges: true,
      },
    ],
    ["preview --stack=prod", { ...plain, name: "preview", stack: "prod", expectNoChanges: false }],
    [
      "preview --save-plan plan.json --report=report.md",
      {
        ...plain,
        name: "preview",
        expectNoChanges: false,
        savePlan: "plan.json",
        report: "report.md",
      },
    ],
    [
      "up --plan plan.json --yes",
      { ...plain, name: "up", yes: true, expectNoChanges: false, plan: "plan.json" },
    ],
    [
      "drift --stack dev --report drift.md",
      { ...plain, name: "drift", stack: "dev", expectNoChanges: false, report: "drift.md" },
    ],
    [
      "tell drift --stack dev --report drift.md",
      { name: "tell", what: "drift", stack: "dev", report: "drift.md" },
    ],
    ["destroy --yes", { ...plain, name: "destroy", yes: true, expectNoChanges: false }],
    ["status --json", { ...plain, name: "status", json: true }],
    ["secret", { ...plain, name: "secret", login: undefined, url: false, pool: false }],
    [
      "secret sark_app --url --pool",
      { ...plain, name: "secret", login: "sark_app", url: true, pool: true },
    ],
    ["query", { ...plain, name: "query", query: undefined, params: {}, database: undefined }],
    [
      "query user-events --param user_id=7 --param note=a=b --stack dev",
      {
        ...plain,
        name: "query",
        stack: "dev",
        query: "user-events",
        params: { user_id: "7", note: "a=b" },
        database: undefined,
      },
    ],
    ["load", { ...plain, name: "load", scale: "S", seed: 1, database: undefined }],
    [
      "load --scale M --seed 42 --database sark_audit --yes",
      { ...plain, name: "load", yes: true, scale: "M", seed: 42, database: "sark_audit" },
    ],
    ["baseline --database sark", { name: "baseline", database: "sark", yes: false, json: false }],
    ["lint:sql", { name: "lint:sql", since: undefined, all: false }],
    ["lint:sql --since sark/000123", { name: "lint:sql", since: "sark/000123", all: false }],
    ["lint:sql --all", { name: "lint:sql", since: undefined, all: true }],
    ["generate", { name: "generate", names: [] }],
    ["generate settings lint", { name: "generate", names: ["settings", "lint"] }],
    ["lint:sql --help", { name: "help", about: "lint:sql" }],
    [
      "test tests/engine -t words",
      { name: "test", jestArguments: ["tests/engine", "-t", "words"] },
    ],
    ["up --help", { name: "help", about: "up" }],
    ["--help", { name: "help", about: undefined }],
    ["", { name: "help", about: undefined }],
  ])("%s is understood", (line, command) => {
    expect(parseCommand(line.split(" ").filter(Boolean))).toEqual(command);
  });

  it.each([
    [
      "upp",
      /no command "upp".*"up".*up, preview, destroy, drift, status, secret, query, load, baseline, tell, test/,
    ],
    ["up --stak dev", /no flag --stak.*--stack\?.*Allowed: --stack, --engine, --yes, --json/],
    ["up dev", /takes no "dev".*--stack dev/],
    ["up --stack", /--stack needs a value, such as --stack dev/],
    ["up --stack --yes", /--stack needs a value/],
    ["up --yes=no", /--yes takes no value, and got "no"/],
    ["up --stack ../prod", /"\.\.\/prod" is not a stack's name.*letters, digits/],
    ["up --engine terraform", /"terraform" is not known: pulumi and embedded are/],
    ["status --expect-no-changes", /status changes nothing.*belongs to up, preview and destroy/],
    ["preview --url", /no flag --url/],
    ["preview --plan plan.json", /no flag --plan.*--save-plan/],
    ["up --save-plan plan.json", /no flag --save-plan.*--plan/],
    ["up --plan", /--plan needs a value, such as --plan plan.json/],
    ["drift --expect-no-changes", /belongs to up, preview and destroy/],
    ["tell", /tell needs one word, what to tell: preview or drift/],
    ["tell preview", /tell needs the report: --report FILE/],
    ["tell preview drift --report r", /tell needs one word/],
    ["tell preview --engine embedded --report r", /no flag --engine/],
    ["query a b", /one query at a time, not a, b/],
    ["query a --param user_id", /--param "user_id" is not understood: write --param name=value/],
    ["load --scale XL", /"XL" is not known: S, M, L are/],
    ["load --seed -1", /--seed needs a value/],
    ["load --seed many", /"many" is not a number from 0/],
    ["load --database audit", /"audit" is not known: sark and sark_audit are/],
    ["baseline", /baseline needs --database: sark or sark_audit/],
    ["baseline --stack dev", /no flag --stack/],
    ["lint:sql sark", /lint:sql takes no "sark": it reads every file/],
    ["lint:sql --since", /--since needs a value, such as --since sark\/000123/],
    ["scan --stack dev", /scan has no flag --stack/],
    ["secret --url", /--url needs a login's name/],
    ["secret sark_app --pool", /--url --pool/],
    ["secret a b", /one login at a time, not a, b/],
  ])("%s is refused with what is allowed", (line, message) => {
    expect(() => parseCommand(line.split(" "))).toThrow(UsageError);
    expect(() => parseCommand(line.split(" "))).toThrow(message);
  });
});

describe("a flag in front of npm's --", () => {
  it("is refused, since it would run the command on another stack than the one that was meant", () => {
    const environment = { npm_config_stack: "true", npm_lifecycle_event: "destroy" };
    expect(() => {
      refuseFlagsTakenByNpm(environment);
    }).toThrow(/npm took --stack.*npm run destroy -- --stack/);
    expect(() => {
      refuseFlagsTakenByNpm({ npm_config_plan: "plan.json", npm_lifecycle_event: "up" });
    }).toThrow(/npm took --plan.*npm run up -- --plan/);
  });

  it("is not suspected of npm's own settings", () => {
    expect(() => {
      refuseFlagsTakenByNpm({ npm_config_yes: "true", npm_config_registry: "x" });
    }).not.toThrow();
  });
});
