import * as fs from "node:fs";
import os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { readDatabase } from "../../lint/lint-database";
import type { ParsedDatabase } from "../../lint/parsed";
import { ruleFindings } from "../../lint/rules/rules";
import { sqlAsRun, squawkFindings, squawkProgram } from "../../lint/squawk";

const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));

const DIRECTIVES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** Reads files. The first one creates a table and a hypertable with the same columns. */
async function read(...texts: readonly string[]): Promise<ParsedDatabase> {
  const tables =
    `${DIRECTIVES}create table public.things (time timestamptz not null, name text not null);\n` +
    `create table public.readings (time timestamptz not null, name text not null);\n` +
    `create index readings_time_idx on public.readings (time);\n` +
    `select public.create_hypertable('public.readings', public.by_range('time'));\n`;
  const files = [tables, ...texts].map((text, index) => [fileName(index + 1), text] as const);
  const reading = await readDatabase("sark_audit", "sql/x", Object.fromEntries(files));
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return reading.database;
}

function fileName(number: number): string {
  return `${String(number).padStart(6, "0")}_x.sql`;
}

async function found(...texts: readonly string[]): Promise<readonly string[]> {
  const findings = await squawkFindings(PROGRAM, await read(...texts));
  return findings.map(({ file, line, rule }) => `${file}:${line}: ${rule}`);
}

it("squawk reads a file with the runner's settings and unchanged line numbers", async () => {
  const text = `${DIRECTIVES}\nselect 1;\n`;
  const [, file] = (await read(text)).files;
  expect(file && sqlAsRun(file)).toBe(
    `set local lock_timeout = '2s'; set local statement_timeout = '60s'; ${text}`,
  );
});

it("squawk reads session settings for a file without a transaction", async () => {
  const text = "--! no-transaction\n--! lock_timeout 5s\nvacuum public.things;\n";
  const [, file] = (await read(text)).files;
  expect(file && sqlAsRun(file)).toBe(
    `set lock_timeout = '5s'; set statement_timeout = '60s'; ${text}`,
  );
});

it("squawk's findings name the line in the file", async () => {
  const text = `${DIRECTIVES}-- A comment.\n\nalter table public.things\n  drop column name;\n`;
  expect(await found(text)).toEqual(["sql/x/000002_x.sql:6: squawk/ban-drop-column"]);
});

it("squawk refuses a blocking index on a table in use, but not on a hypertable", async () => {
  const index = (table: string): string =>
    `${DIRECTIVES}create index ${table}_name_idx\n  on public.${table} (name);\n`;
  expect(await found(index("things"))).toEqual([
    "sql/x/000002_x.sql:3: squawk/require-concurrent-index-creation",
  ]);
  expect(await found(index("readings"))).toEqual([]);
});

it("squawk accepts a blocking drop of a hypertable's index", async () => {
  expect(await found(`${DIRECTIVES}drop index public.readings_time_idx;\n`)).toEqual([]);
  expect(await found(`${DIRECTIVES}drop index public.things_time_idx;\n`)).toEqual([
    "sql/x/000002_x.sql:3: squawk/require-concurrent-index-deletion",
  ]);
});

it("squawk asks for no if not exists when an index is built concurrently", async () => {
  const text = "create index concurrently things_name_idx on public.things (name);\n";
  expect(await found(`--! no-transaction\n${DIRECTIVES}${text}`)).toEqual([]);
});

describe("one finding for one fault", () => {
  const alter = (...actions: readonly string[]): string =>
    `${DIRECTIVES}alter table public.things\n  ${actions.join(",\n  ")};\n`;

  it.each([
    [
      "a primary key",
      "add constraint things_pkey primary key (name)",
      "adding-serial-primary-key-field",
    ],
    ["a unique key", "add constraint things_key unique (name)", "disallowed-unique-constraint"],
    [
      "a foreign key",
      "add constraint things_fkey foreign key (name) references public.others (name)",
      "adding-foreign-key-constraint",
    ],
    ["a check", "add constraint things_check check (name <> '')", "constraint-missing-not-valid"],
    [
      "an exclusion",
      "add constraint things_excl exclude using gist (name with =)",
      "constraint-missing-not-valid",
    ],
  ])("squawk reports %s once", async (_, action, rule) => {
    expect(await found(alter(action))).toEqual([`sql/x/000002_x.sql:4: squawk/${rule}`]);
    const broken = action.replace("add constraint", "add\n  constraint");
    expect((await found(alter(broken))).map((each) => each.split(" ")[1])).toEqual([
      `squawk/${rule}`,
    ]);
  });

  it("squawk reports a check beside a unique key on the same line", async () => {
    const text = alter("add constraint a check (name <> ''), add constraint b unique (name)");
    expect([...(await found(text))].sort()).toEqual([
      "sql/x/000002_x.sql:4: squawk/constraint-missing-not-valid",
      "sql/x/000002_x.sql:4: squawk/disallowed-unique-constraint",
    ]);
  });

  it.each([
    ["unbounded-change", "truncate public.things cascade;\n"],
    ["column-types", "alter table public.things add column a timestamp;\n"],
    ["column-types", "alter table public.things alter column name type timestamp(3)[];\n"],
    [
      "column-types",
      "alter table public.things add column a timestamp, alter column a type timestamp;\n",
    ],
  ])("only rule %s reports: %s", async (rule, statement) => {
    const texts = `${DIRECTIVES}${statement}`;
    const ours = ruleFindings(await read(texts)).map(
      ({ file, line, rule: name }) => `${file}:${line}: ${name}`,
    );
    expect(ours.filter((each) => each.startsWith("sql/x/000002_x.sql"))).toEqual([
      `sql/x/000002_x.sql:3: ${rule}`,
    ]);
    const squawks = (await found(texts)).filter((each) => !each.endsWith("/changing-column-type"));
    expect(squawks).toEqual([]);
  });
});

/** How squawk was started. */
const START = z.object({
  cwd: z.string(),
  /** Mode of the parent folder. */
  mode: z.string(),
  args: z.number(),
  files: z.number(),
});

describe("squawk on a history of many files", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-squawk-test-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const inside = `${DIRECTIVES}drop table public.things;\n`;
  const outside = `--! no-transaction\n${DIRECTIVES}vacuum public.things;\n`;

  const NOTHING = "console.log('[]');";

  /** A program that logs how it was started, and then runs `then`. */
  const program = (then: string): string => {
    const file = path.join(folder, "squawk");
    const log = JSON.stringify(path.join(folder, "log"));
    const script =
      `#!${process.execPath}\nconst fs = require("node:fs");\n` +
      `const mode = (fs.statSync("..").mode & 0o777).toString(8);\n` +
      `const start = { cwd: process.cwd(), mode, args: process.argv.length, files: fs.readdirSync(".").length };\n` +
      `fs.appendFileSync(${log}, JSON.stringify(start) + "\\n");\n${then}\n`;
    fs.writeFileSync(file, script, { mode: 0o755 });
    return file;
  };
  const starts = () =>
    fs
      .readFileSync(path.join(folder, "log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => START.parse(JSON.parse(line)));

  it("starts at most twice, with as many arguments as for two files", async () => {
    const few = [inside, outside];
    const many = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? outside : inside));
    await squawkFindings(program(NOTHING), await read(...few));
    await squawkFindings(program(NOTHING), await read(...many));
    const counts = starts().map(({ args, files }) => ({ args, files }));
    expect(counts.map(({ files }) => files).sort((a, b) => a - b)).toEqual([1, 2, 20, 41]);
    expect(new Set(counts.map(({ args }) => args)).size).toBeLessThanOrEqual(2);
  });

  it("starts once if all files run in a transaction", async () => {
    await squawkFindings(program(NOTHING), await read(inside, inside));
    expect(starts().map(({ files }) => files)).toEqual([3]);
  });

  it.each([NOTHING, "process.exitCode = 7;", "console.log('{');"])(
    "reads copies in a folder that only this user can read and that is removed after %s",
    async (then) => {
      await squawkFindings(program(then), await read(inside, outside)).catch(() => undefined);
      for (const { cwd, mode } of starts()) {
        expect(mode).toBe("700");
        expect(fs.existsSync(path.dirname(cwd))).toBe(false);
      }
      expect(starts().length).toBeGreaterThan(0);
    },
  );

  it("reports each finding under its own file, in the order of the files", async () => {
    expect(await found(inside, outside, `${DIRECTIVES}\n${inside}`)).toEqual([
      "sql/x/000002_x.sql:3: squawk/ban-drop-table",
      "sql/x/000004_x.sql:6: squawk/ban-drop-table",
    ]);
  });

  it("runs with its defaults and ignores a .squawk.toml above the temporary folder", async () => {
    fs.writeFileSync(path.join(folder, ".squawk.toml"), 'excluded_rules = ["ban-drop-table"]\n');
    const tmpdir = jest
      .spyOn(jest.requireActual<typeof os>("node:os"), "tmpdir")
      .mockReturnValue(folder);
    try {
      expect(await found(inside)).toEqual(["sql/x/000002_x.sql:3: squawk/ban-drop-table"]);
      expect(tmpdir).toHaveBeenCalled();
    } finally {
      tmpdir.mockRestore();
    }
  });
});

it("the lint reports the error when squawk cannot be run", async () => {
  const database = await read();
  await expect(squawkFindings("/nowhere/squawk", database)).rejects.toThrow("ENOENT");
  await expect(squawkFindings("/bin/false", database)).rejects.toThrow("squawk exited with 1");
});
