import { parseCommand, refuseFlagsTakenByNpm, UsageError } from "../../engine/arguments";

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
    ["destroy --yes", { ...plain, name: "destroy", yes: true, expectNoChanges: false }],
    ["status --json", { ...plain, name: "status", json: true }],
    ["secret", { ...plain, name: "secret", login: undefined, url: false, pool: false }],
    [
      "secret sark_app --url --pool",
      { ...plain, name: "secret", login: "sark_app", url: true, pool: true },
    ],
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
    ["upp", /no command "upp".*"up".*up, preview, destroy, status, secret, test/],
    ["up --stak dev", /no flag --stak.*--stack\?.*Allowed: --stack, --engine, --yes, --json/],
    ["up dev", /takes no "dev".*--stack dev/],
    ["up --stack", /--stack needs a value, such as --stack dev/],
    ["up --stack --yes", /--stack needs a value/],
    ["up --yes=no", /--yes takes no value, and got "no"/],
    ["up --stack ../prod", /"\.\.\/prod" is not a stack's name.*letters, digits/],
    ["up --engine terraform", /"terraform" is not known: pulumi and embedded are/],
    ["status --expect-no-changes", /status changes nothing.*belongs to up, preview and destroy/],
    ["preview --url", /no flag --url/],
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
  });

  it("is not suspected of npm's own settings", () => {
    expect(() => {
      refuseFlagsTakenByNpm({ npm_config_yes: "true", npm_config_registry: "x" });
    }).not.toThrow();
  });
});
