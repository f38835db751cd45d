import * as fs from "node:fs";
import * as path from "node:path";
import { ACCEPTED } from "../../lint/accepted";
import { BASELINE } from "../../lint/baseline";
import { matchesAccepted, applyAccepted } from "../../lint/findings";
import { checkedBaseline, type FileNames } from "../../lint/migration-history";
import { lint } from "../../lint/lint";
import { copyOfSql, outputOf, root } from "./copy";

jest.setTimeout(30_000);

const committed = (names: FileNames) => checkedBaseline(BASELINE, names);

describe("the lint of this repository", () => {
  it("has no findings and no stale accepted findings", async () => {
    const { findings, stale, files, accepted } = await lint(root, ACCEPTED, committed);
    expect(findings).toEqual([]);
    expect(stale).toEqual([]);
    expect(files).toBeGreaterThanOrEqual(11);
    expect(accepted).toBeGreaterThanOrEqual(ACCEPTED.length);
  });

  it("reports a finding when its accepted entry is removed", async () => {
    const [some] = ACCEPTED;
    const { findings } = await lint(root, ACCEPTED.slice(1), committed);
    expect(findings.map(({ rule, file }) => ({ rule, file }))).toEqual(
      findings.map(() => ({ rule: some?.rule, file: some?.file })),
    );
    expect(findings).not.toEqual([]);
  });
});

describe("the lint of a copy with a fault", () => {
  let folder: string;

  beforeEach(() => {
    folder = copyOfSql();
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const add = (name: string, text: string): void => {
    fs.writeFileSync(path.join(folder, "sql", name), text);
  };

  it("fails and prints the file, the line, the rule and what to do", async () => {
    add(
      "sark/000999_x.sql",
      "--! lock_timeout 2s\n--! statement_timeout 60s\n\n" +
        "grant select on public.users to public;\n" +
        "alter table public.users drop column mfa_secret;\n",
    );
    const { code, lines } = await outputOf(folder);
    expect(code).toBe(1);
    expect(lines.slice(0, -1)).toEqual([
      "sql/sark/000999_x.sql:4: grant-to-public: Grant it to a group such as sark_reader instead of public.",
      expect.stringMatching(/^sql\/sark\/000999_x\.sql:5: squawk\/ban-drop-column: \S/),
    ]);
    expect(lines.at(-1)).toMatch(
      /^\d+ files, \d+ rules plus squawk, 2 findings, \d+ accepted with/,
    );
  });

  it("ends with a summary by rule, most frequent first, after more than 50 findings", async () => {
    const drops = (count: number): string =>
      `--! lock_timeout 2s\n--! statement_timeout 60s\n${"drop table public.x;\n".repeat(count)}`;
    add("sark/000997_x.sql", "drop table public.x;\n");
    add("sark/000998_x.sql", drops(48));
    const few = await outputOf(folder);
    expect(few.lines).toHaveLength(51);
    add("sark/000999_x.sql", drops(1));
    const many = await outputOf(folder);
    expect(many.lines.slice(0, 51)).toEqual([
      ...few.lines.slice(0, 50),
      expect.stringMatching(/^sql\/sark\/000999_x\.sql:3: squawk\/ban-drop-table: /),
    ]);
    expect(many.lines.slice(51)).toEqual([
      "\nFindings by rule, most frequent first, each with its first location:",
      "  50  squawk/ban-drop-table  sql/sark/000997_x.sql:1",
      "   1  timeouts               sql/sark/000997_x.sql:1",
      expect.stringContaining("lint/baseline.ts"),
      expect.stringMatching(/^\d+ files, .* 51 findings, /),
    ]);
  });

  it("fails for a file that the runner refuses, and skips further checks of that database", async () => {
    add(
      "sark/000999_x.sql",
      "--! lock_timeout 2s\n\ncommit;\ngrant select on public.users to public;\n",
    );
    const { code, lines } = await outputOf(folder);
    expect(code).toBe(1);
    expect(lines.slice(0, -1)).toEqual([
      expect.stringMatching(/^sql\/sark\/000999_x\.sql:3: runner\/transaction-control: \S/),
    ]);
  });

  it("fails for two files with the same number", async () => {
    add("sark/000001_x.sql", "--! lock_timeout 2s\n");
    const { code, lines } = await outputOf(folder);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(
      /^sql\/sark:1: runner\/duplicate: 000001_x\.sql and 000001_users\.sql /,
    );
  });

  it("fails for a query with a syntax error, and accepts psql's variables", async () => {
    fs.mkdirSync(path.join(folder, "sql/queries/x"), { recursive: true });
    add("queries/x/good.sql", "select :'name'::text, :number, ':x' -- :\n");
    add("queries/x/bad.sql", "-- No SQL.\nselect :'name' fro pg_class\n  whre true;\n");
    const { code, lines } = await outputOf(folder);
    expect(code).toBe(1);
    expect(lines.slice(0, -1)).toEqual([
      'sql/queries/x/bad.sql:2: syntax: PostgreSQL says: syntax error at or near "pg_class".',
    ]);
  });

  it("fails when an accepted finding is gone", async () => {
    const file = path.join(folder, "sql/sark_audit/000002_policy_evaluations.sql");
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, text.replace("duration_ms integer", "duration_ms bigint"));
    const { code, lines } = await outputOf(folder);
    expect(code).toBe(1);
    expect(lines.slice(0, -1)).toEqual([
      expect.stringMatching(
        /^lint\/accepted\.ts: squawk\/prefer-bigint-over-int no longer occurs in .*: remove the entry$/,
      ),
    ]);
  });
});

it("an accepted entry matches only its rule, file and line text", () => {
  const finding = { rule: "a", file: "f", line: 1, text: "t" };
  const accepted = { rule: "a", file: "f", source: /^x$/, reason: "" };
  const ofLine = (text: string) =>
    applyAccepted([finding], [accepted], (...pair) => matchesAccepted(...pair, text));
  expect(ofLine("x")).toEqual({ findings: [], stale: [] });
  expect(ofLine("y")).toEqual({ findings: [finding], stale: [accepted] });
  for (const other of [
    { ...accepted, rule: "b" },
    { ...accepted, file: "g" },
  ]) {
    expect(applyAccepted([finding], [other], (...pair) => matchesAccepted(...pair, "x"))).toEqual({
      findings: [finding],
      stale: [other],
    });
  }
});
