import * as fs from "node:fs";
import * as path from "node:path";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { type Reading, readDatabase } from "../../lint/lint-database";
import type { Finding } from "../../lint/findings";
import { ruleFindings } from "../../lint/rules/rules";

/** An example file: a bad one has findings of one rule, a good one has none. */
export interface Example {
  /** `drop-cascade.column.bad.sql` */
  readonly name: string;
  /** The rule's name, or `runner` for files that the runner refuses before the rules run. */
  readonly rule: string;
  /** The expected finding: `drop-cascade`, `runner/syntax`. */
  readonly finding: string;
  readonly bad: boolean;
  /** Lines marked by `-- refused` at their end, or by `-- ^ refused` below, optionally with words of the text. */
  readonly refused: readonly { readonly line: number; readonly words: string }[];
  reading(): Promise<Reading>;
}

const FOLDER = path.join(__dirname, "examples");

/** The separator between the migration files of an example. */
const NEXT_FILE = "-- next file\n";

export function examples(): readonly Example[] {
  return fs.readdirSync(FOLDER).sort().map(exampleOf);
}

function exampleOf(name: string): Example {
  const text = fs.readFileSync(path.join(FOLDER, name), "utf8");
  const database: DatabaseName = text.includes("-- database: sark_audit\n") ? "sark_audit" : "sark";
  const [rule = "", variant = ""] = name.split(".");
  return {
    name,
    rule,
    finding: rule === "runner" ? `runner/${variant}` : rule,
    bad: name.endsWith(".bad.sql"),
    refused: markedLines(text),
    reading: () => readDatabase(database, "sql/example", filesOf(text)),
  };
}

function markedLines(text: string): Example["refused"] {
  return text.split("\n").flatMap((content, index) => {
    const [mark, above, words = ""] = /-- (\^ )?refused(?:: (.*))?$/.exec(content) ?? [];
    if (mark === undefined) return [];
    return [{ line: above === undefined ? index + 1 : index, words }];
  });
}

function filesOf(text: string): Readonly<Record<string, string>> {
  const parts = text.split(NEXT_FILE).map((part, index) => [fileName(index + 1), part] as const);
  return Object.fromEntries(parts);
}

function fileName(number: number): string {
  return `${String(number).padStart(6, "0")}_example.sql`;
}

/** The findings in an example, with lines counted through all its files. */
export async function foundIn(example: Example): Promise<readonly Finding[]> {
  const text = fs.readFileSync(path.join(FOLDER, example.name), "utf8");
  const starts = new Map<string, number>();
  let lines = 0;
  for (const [name, part] of Object.entries(filesOf(text))) {
    starts.set(`sql/example/${name}`, lines);
    lines += part.split("\n").length;
  }
  const reading = await example.reading();
  const findings = "findings" in reading ? reading.findings : ruleFindings(reading.database);
  return findings.map((finding) => ({
    ...finding,
    line: (starts.get(finding.file) ?? NaN) + finding.line,
  }));
}

/** Rule and line of each finding, without duplicates. */
export function places(findings: readonly Pick<Finding, "rule" | "line">[]): readonly string[] {
  return [...new Set(findings.map(({ rule, line }) => `${rule}:${line}`))].sort();
}
