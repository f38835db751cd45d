/** Settings, shells and folders from public bug reports, used with the user's commands. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type CommandResult, StackCopy } from "../../../scratch/scratch-stack";

jest.setTimeout(240_000);

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
});
afterAll(() => stack.remove());

const text = ({ stdout, stderr }: CommandResult): string => `${stdout}${stderr}`;

/** The result of a preview with changed settings in the stack's file. */
async function previewWith(
  change: (config: Record<string, unknown>) => void,
  name: string,
): Promise<CommandResult> {
  const file = path.join(stack.folder, `Pulumi.${name}.yaml`);
  const before = fs.readFileSync(file);
  try {
    stack.configure(change, name);
    return await stack.run("preview", "--stack", name, "--engine", "embedded");
  } finally {
    fs.writeFileSync(file, before);
  }
}

type Settings = Readonly<Record<string, unknown>>;

/** Merges a group of settings into the stack `dev`. */
const dev = (group: string, settings: Settings): Promise<CommandResult> =>
  previewWith((config) => {
    const key = `sark-databases:${group}`;
    config[key] = { ...(config[key] as Settings | undefined), ...settings };
  }, "dev");

describe("the stack dev with a reported setting", () => {
  const egress = (block: string): Settings => ({ egress: { apiServer: [block] } });

  it.each<[string, string, Settings, string]>([
    [
      "a schedule in words",
      "backups",
      { schedule: "backup every night at two o'clock" },
      'sark-databases:backups.schedule: got "backup every night at two o\'clock"; allowed: six fields',
    ],
    ["30 February", "backups", { schedule: "0 0 2 30 2 *" }, "backups.schedule: got"],
    [
      "an address in place of a block",
      "kubernetes",
      egress("10.0.0.0"),
      'sark-databases:kubernetes.egress.apiServer[0]: got "10.0.0.0"; allowed: CIDR blocks',
    ],
    ["an octal block", "kubernetes", egress("010.0.0.0/8"), "egress.apiServer[0]: got"],
    [
      "a version without quotes",
      "kubernetes",
      { version: 1.34 },
      'sark-databases:kubernetes.version: got 1.34; allowed: a version in quotes, such as "1.34"',
    ],
  ])("is refused in one sentence: %s", async (_, group, settings, sentence) => {
    const result = await dev(group, settings);
    expect(result.code).toBe(1);
    expect(result.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^the settings of stack dev are invalid; nothing was changed:$/),
      expect.stringContaining(sentence),
    ]);
  });

  it("is planned with an IPv6 block", async () => {
    expect(text(await dev("kubernetes", egress("::/0")))).toMatch(/Plan: \d+ to create/);
  });

  it("is planned with a warning if it takes hourly backups", async () => {
    const result = text(await dev("backups", { schedule: "0 2 * * * *" }));
    expect(result).toMatch(/Plan: \d+ to create/);
    expect(result).toContain("takes more than one base backup a day");
  });
});

describe("the name of the checkout's folder", () => {
  const home = (): string => path.dirname(stack.folder);

  /** Renames the checkout's folder while a command runs. */
  async function within(name: string, ...command: readonly string[]): Promise<CommandResult> {
    const folder = path.join(home(), `sark-${String(process.pid)}-${name}`);
    fs.renameSync(stack.folder, folder);
    try {
      return await stack.at(folder).run(...command);
    } finally {
      fs.renameSync(folder, stack.folder);
    }
  }

  it.each(["C# projects", "100% done", "a%20b", "a$b", "a`b`", 'a"b', "a,b", "a?b"])(
    "is refused in the preview if the servers' programs would misread it: %j",
    async (name) => {
      const { code, stderr } = await within(name, "preview", "--engine", "embedded");
      expect(stderr.trim().split("\n").slice(1)).toEqual([
        expect.stringMatching(/^the folder of this checkout: got ".*"; allowed: a path without /),
      ]);
      expect(code).toBe(1);
      expect(fs.existsSync(path.join(stack.folder, ".sark", "local"))).toBe(false);
    },
  );

  it.each(["a b", "Größe & it's (x)", "a;b", "a:b", "a=b", "~a", "-a", "[a]"])(
    "is accepted if the servers' programs can read it: %j",
    async (name) => {
      const result = await within(name, "preview", "--engine", "embedded");
      expect(text(result)).toMatch(/Plan: \d+ to create/);
    },
  );

  it.each([
    ["a\\b", '"\\\\"'],
    ["a\nb", '"\\n"'],
    ["a\tb", '"\\t"'],
  ])("is refused by every command if Node misreads it: %j", async (name, misread) => {
    for (const command of ["preview", "up", "status"]) {
      const { code, stdout, stderr } = await within(name, command);
      expect(stderr).toMatch(/^The path ".*" contains ".*", and Node cannot load packages/);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(` contains ${misread}, and`);
      expect([code, stdout]).toEqual([1, ""]);
    }
  });

  it("is restricted only for local servers", async () => {
    const result = await within("C#", "preview", "--stack", "dev", "--engine", "embedded");
    expect(text(result)).toMatch(/Plan: \d+ to create/);
  });

  it("is also checked behind the link to the data", async () => {
    const target = fs.mkdtempSync(path.join(home(), "sark-link-#"));
    const link = path.join(stack.folder, ".sark", "local");
    fs.symlinkSync(target, link);
    try {
      const { code, stderr } = await stack.run("preview", "--engine", "embedded");
      expect(stderr).toContain(`the folder of this checkout: got "${target}"`);
      expect(code).toBe(1);
    } finally {
      fs.rmSync(link);
      fs.rmdirSync(target);
    }
  });
});

describe("the stack local with reported settings", () => {
  it("is refused if a namespace is misspelt", async () => {
    const result = await previewWith((config) => {
      config["sark-database:pool"] = { instances: 2 };
    }, "local");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "sark-database:pool: got an unknown namespace; allowed: did you mean sark-databases:pool?",
    );
  });

  it("is read with merge keys, as the Pulumi CLI reads it", async () => {
    const file = path.join(stack.folder, "Pulumi.local.yaml");
    const before = fs.readFileSync(file);
    const preview = async (merged: string, own: string): Promise<string> => {
      const group = `  sark-databases:sark: &db\n    home: local\n    ${merged}`;
      const other = `  sark-databases:audit:\n    <<: *db\n    ${own}`;
      fs.writeFileSync(file, `config:\n${group}\n${other}\n`);
      return text(await stack.run("preview", "--engine", "embedded"));
    };
    try {
      const both = await preview("connections: 9", "replicas: 0");
      expect(both).toContain("sark.connections: got 9;");
      expect(both).toContain("audit.connections: got 9;");
      expect(await preview("connections: 9", "connections: 50")).not.toContain("audit.connections");
      expect(await preview("connections: 60", "connections: 50")).toMatch(/Plan: \d+ to create/);
    } finally {
      fs.writeFileSync(file, before);
    }
  });

  it("is up and healthy, whatever libpq variables the shell sets", async () => {
    const shell = {
      PGSSLMODE: "require",
      PGOPTIONS: "-cstatement_timeout=1",
      PGHOST: "192.0.2.1",
      PGHOSTADDR: "192.0.2.1",
      PGPORT: "1",
      PGUSER: "nobody",
      PGDATABASE: "nothing",
      PGPASSWORD: "wrong",
      PGPASSFILE: "/nowhere",
      PGSERVICE: "nowhere",
      PGCLIENTENCODING: "LATIN1",
      PGTZ: "Nowhere/At_All",
      PGDATESTYLE: "German",
      PGAPPNAME: "somebody else's",
      PGDATA: "/nowhere",
      PGSSLNEGOTIATION: "direct",
      PGCHANNELBINDING: "require",
    };
    const elsewhere = stack.withEnvironment(shell);
    await elsewhere.mustRun("up", "--yes", "--engine", "embedded");
    const { stdout } = await elsewhere.mustRun("status");
    expect(stdout).toContain("All healthy.");
    const sql = "select current_setting('application_name') as name";
    const asked = await stack.withLogin("sark_readonly", (client) =>
      client.query<{ name: string }>(sql),
    );
    expect(asked.rows).toHaveLength(1);
  });
});
