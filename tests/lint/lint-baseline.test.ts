import * as fs from "node:fs";
import * as path from "node:path";
import { UsageError, UserError } from "../../engine/engine";
import { runLint } from "../../lint/lint-command";
import { lint } from "../../lint/lint";
import { copyOfSql, outputOf } from "./copy";

jest.setTimeout(30_000);

const TOP = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** A history of three files, with one finding in each. */
const HISTORY = {
  "000001_a.sql": `${TOP}create table public.a (id bigint, constraint a_pkey primary key (id), z json);\n`,
  "000003_b.sql":
    `${TOP}create table public.b (id bigint, a_id bigint, constraint b_pkey primary key (id),\n` +
    `constraint b_a_id_fkey foreign key (a_id) references public.a (id));\n` +
    `comment on table public.b is 'B.';\ncreate index b_a_id_idx on public.b (a_id);\n` +
    `alter table public.a drop column z;\n`,
  "000005_c.sql": `${TOP}drop table public.c;\n`,
};

let folder: string;

beforeEach(() => {
  folder = copyOfSql();
  fs.rmSync(path.join(folder, "sql/sark"), { recursive: true });
  fs.mkdirSync(path.join(folder, "sql/sark"));
  for (const [name, text] of Object.entries(HISTORY)) add(name, text);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function add(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, "sql/sark", name), text);
}

/** File, line and rule of what is reported for database sark. */
async function reported(sark?: string, accepted: Parameters<typeof lint>[1] = []) {
  const report = await lint(folder, accepted, () => (sark === undefined ? {} : { sark }));
  const ofSark = report.findings.filter(({ file }) => file.startsWith("sql/sark/"));
  return ofSark.map(({ file, line, rule }) => `${path.basename(file)}:${line}: ${rule}`);
}

const A = ["000001_a.sql:3: comments"];
const B = ["000003_b.sql:7: squawk/ban-drop-column"];
const C = ["000005_c.sql:3: squawk/ban-drop-table"];

it("without a baseline the lint reports every file", async () => {
  expect(await reported()).toEqual([...A, ...B, ...C]);
});

it.each([
  ["000001_a.sql", [...B, ...C]],
  ["000003_b.sql", C],
  ["000005_c.sql", []],
])("with the baseline %s the lint reports later files alone", async (name, findings) => {
  expect(await reported(name)).toEqual(findings);
});

it("with a baseline the lint still knows the indexes of old tables", async () => {
  add("000006_d.sql", `${TOP}create index b_a_id_again_idx on public.b (a_id);\n`);
  expect(await reported("000005_c.sql")).toEqual([
    "000006_d.sql:3: duplicate-index",
    "000006_d.sql:3: squawk/require-concurrent-index-creation",
  ]);
});

it("with a baseline the lint reports a finding in an old file that a later file caused", async () => {
  add("000006_d.sql", `${TOP}comment on table public.b is null;\n`);
  expect(await reported("000005_c.sql")).toEqual(["000003_b.sql:3: comments"]);
});

it("with a baseline the lint still reports old files that the runner refuses", async () => {
  add("000002_x.sql", "commit;\n");
  expect(await reported("000005_c.sql")).toEqual(["000002_x.sql:1: runner/transaction-control"]);
});

it("with a baseline the lint keeps accepted findings in old files, and reports stale ones", async () => {
  const entry = { rule: "comments", file: "sql/sark/000001_a.sql", reason: "" };
  const kept = { ...entry, source: /create table public\.a/ };
  const stale = { ...entry, source: /create table public\.x/ };
  const report = await lint(folder, [kept, stale], () => ({ sark: "000005_c.sql" }));
  expect(report.stale).toEqual([stale]);
});

it("the lint refuses a baseline that names no file, before it prints anything", async () => {
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    const baseline = { sark: "000004_gone.sql" };
    await expect(runLint(folder, { baseline })).rejects.toThrow(
      new UserError(
        'lint/baseline.ts: sql/sark has no file "000004_gone.sql". Its last file is 000005_c.sql.',
      ),
    );
    expect(log).not.toHaveBeenCalled();
  } finally {
    log.mockRestore();
  }
});

describe("--since", () => {
  it.each([
    "sark/000003",
    "sark/3",
    "sark/000003_b",
    "sql/sark/000003_b.sql",
    "000003_b.sql",
    "000003_b",
  ])("accepts %s as the name of a file", async (since) => {
    const { lines } = await outputOf(folder, { since });
    expect(lines.filter((line) => line.startsWith("sql/sark/"))).toEqual([
      expect.stringMatching(/^sql\/sark\/000005_c\.sql:3: squawk\/ban-drop-table: /),
    ]);
  });

  it("replaces the baseline of its database and keeps that of the other database", async () => {
    const other = path.join(folder, "sql/sark_audit/000001_audit_events.sql");
    fs.appendFileSync(other, "-- squawk-ignore\n");
    const baseline = { sark: "000005_c.sql", sark_audit: "000001_audit_events.sql" };
    const { lines } = await outputOf(folder, { since: "sark/000003", baseline });
    expect(lines.filter((line) => !line.startsWith("lint/accepted.ts")).slice(0, -1)).toEqual([
      expect.stringMatching(/^sql\/sark\/000005_c\.sql:3: squawk\/ban-drop-table: /),
      expect.stringMatching(
        /^2 findings up to sql\/sark\/000003_b\.sql are hidden by the baseline/,
      ),
      expect.stringMatching(
        /^1 finding up to sql\/sark_audit\/000001_audit_events\.sql is hidden by the baseline/,
      ),
    ]);
  });

  it.each([
    ["000999", /^--since "000999": neither sql\/sark nor sql\/sark_audit has such a file\. /],
    ["sark/000009", /^--since "sark\/000009": neither .*sark\/000005_c\.sql/],
    ["elsewhere/000003", /^--since "elsewhere\/000003": neither /],
    ["000003_b\u202e", /^--since "000003_b\\u202e": neither /],
    ["", /^--since "": neither /],
    ["_", /^--since "_": neither /],
    [
      "000003",
      /^--since "000003" matches a file of both databases: write sark\/000003 or sark_audit\/000003\.$/,
    ],
  ])("refuses %j before it prints anything", async (since, message) => {
    const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
    try {
      const run = runLint(folder, { since });
      await expect(run).rejects.toThrow(message);
      await expect(run).rejects.toBeInstanceOf(UsageError);
      expect(log).not.toHaveBeenCalled();
    } finally {
      log.mockRestore();
    }
  });
});

it("the lint refuses --all with --since", async () => {
  await expect(runLint(folder, { since: "sark/000003", all: true })).rejects.toThrow(
    /^--all reports every file, --since only later files/,
  );
});

it("--all reports the findings that the baseline hides", async () => {
  const baseline = { sark: "000005_c.sql" };
  const few = await outputOf(folder, { baseline });
  const all = await outputOf(folder, { baseline, all: true });
  expect(few.lines.filter((line) => line.startsWith("sql/sark/"))).toEqual([]);
  expect(all.lines.filter((line) => line.startsWith("sql/sark/"))).toHaveLength(3);
  expect(few.lines).toContain(
    "3 findings up to sql/sark/000005_c.sql are hidden by the baseline; npm run lint:sql -- --all shows them",
  );
});
