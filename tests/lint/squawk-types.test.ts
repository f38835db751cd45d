import * as path from "node:path";
import { readDatabase } from "../../lint/lint-database";
import { ruleFindings } from "../../lint/rules/rules";
import { squawkFindings, squawkProgram } from "../../lint/squawk";

const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));
const DIRECTIVES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** Line and rule of what squawk and our rules find in one file; lines count from the first statement. */
async function found(sql: string, ours: readonly string[] = []): Promise<readonly string[]> {
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": DIRECTIVES + sql });
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  const { database } = reading;
  const findings = [
    ...(await squawkFindings(PROGRAM, database)),
    ...ruleFindings(database).filter(({ rule }) => ours.includes(rule)),
  ];
  return findings.map(({ line, rule }) => `${line - 2}: ${rule.replace("squawk/", "")}`).sort();
}

describe("squawk's syntax errors are not reported and hide no other finding", () => {
  const EXCLUSION = "exclude using gist (name public.gist_trgm_ops with =)";

  it.each([
    [
      "an operator class in an exclusion constraint",
      `alter table public.users add constraint x ${EXCLUSION};\nalter table public.users drop column a;\n`,
      ["2: ban-drop-column"],
    ],
    [
      "the same in a new table, and a danger before it",
      `alter table public.users drop column a;\ncreate table public.t (\n  name text,\n  constraint x ${EXCLUSION}\n);\n` +
        "alter table public.users\n  drop column b;\nalter table public.t drop column name;\n",
      ["1: ban-drop-column", "7: ban-drop-column"],
    ],
    [
      "the same in a do block",
      `do $$ begin\n  alter table public.users add constraint x ${EXCLUSION};\n  drop table public.users;\nend $$;\n` +
        "drop table public.others;\n",
      ["3: ban-drop-table", "5: ban-drop-table"],
    ],
    ["nothing else", `alter table public.users add constraint x ${EXCLUSION};\n`, []],
  ])("%s", async (_, sql, findings) => {
    expect(await found(sql)).toEqual(findings);
  });
});

describe("squawk's findings on types respect PostgreSQL's type names", () => {
  it.each([
    ["add column a character varying(5)", []],
    ["add column a character varying(5)[]", []],
    ["add column a char varying", []],
    ["add column a character(5)", ["1: ban-char-field"]],
    ["add column a char(5)[]", ["1: ban-char-field"]],
    ['add column a "char"', ["1: ban-char-field"]],
    ["add column a varchar(5)[]", ["1: prefer-text-field"]],
    // squawk's columns count bytes.
    ["/* äé😀 */ add column a character varying(5), add b character(5)", ["1: ban-char-field"]],
    ["add column a character\n  varying(5),\nadd b character(5)", ["3: ban-char-field"]],
  ])("%s", async (action, findings) => {
    expect(await found(`alter table public.users ${action};\n`)).toEqual(findings);
  });

  it("in a new table", async () => {
    const sql = "create table public.t (a character varying(5), b char(3));\n";
    expect(await found(sql)).toEqual(["1: ban-char-field"]);
  });
});

describe("a new serial column is reported as a rewrite, not as a column without default", () => {
  const serial = (...others: readonly string[]): readonly string[] =>
    ["1: prefer-identity", "1: table-rewrite", ...others].sort();

  it.each([
    ["add column n bigserial not null", serial()],
    ["add column n bigserial", serial()],
    ["add n serial8 not null constraint k check (n > 0)", serial()],
    ['add column if not exists "N" "bigserial" not null', serial()],
    [
      "add column n bigserial not null, add column m bigint not null",
      serial("1: adding-required-field"),
    ],
    ["add column m bigint not null", ["1: adding-required-field"]],
    // squawk reports it already.
    ["add column n bigint generated always as identity not null", ["1: adding-field-with-default"]],
  ])("%s", async (action, findings) => {
    const sql = `alter table public.users ${action};\n`;
    expect(await found(sql, ["table-rewrite"])).toEqual(findings);
  });

  it("except in a table that the same file created", async () => {
    const sql =
      "create table public.t (id bigint);\nalter table public.t add column n bigserial not null;\n" +
      "alter table public.t set unlogged;\n";
    expect(await found(sql, ["table-rewrite"])).toEqual(["2: prefer-identity"]);
  });
});

describe("a change of a column to varchar has one finding", () => {
  it.each([
    ["alter column name type varchar(100)", ["1: changing-column-type"]],
    ["alter column name\n  type\n  varchar(100)", ["2: changing-column-type"]],
    ["alter column name type varchar(100) using name::varchar(100)", ["1: changing-column-type"]],
    ["alter name set data type varchar(9)[]\nusing '{}'", ["1: changing-column-type"]],
    [
      "alter name type varchar(9), add column b varchar(9)",
      ["1: changing-column-type", "1: prefer-text-field"],
    ],
    ["alter name type character(9)", ["1: ban-char-field", "1: changing-column-type"]],
  ])("%s", async (action, findings) => {
    expect(await found(`alter table public.users ${action};\n`)).toEqual(findings);
  });

  it("prefer-text-field in a new table, where the change itself is harmless", async () => {
    const sql = "create table public.t (a text);\nalter table public.t alter a type varchar(9);\n";
    expect(await found(sql)).toEqual(["2: prefer-text-field"]);
  });
});
