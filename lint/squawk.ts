import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { majorVersions } from "../components/parameters/parameters";
import { startOf } from "./code-blocks";
import type { ParsedDatabase, ParsedFile } from "./parsed";
import type { Finding } from "./findings";
import { buildSchema } from "./model/build";
import type { Schema } from "./model/schema";
import { IGNORED_RULES, type FindingContext } from "./squawk-ignored";
import { changedObjects } from "./statement-objects";
import { inTemporaryFolder } from "./temporary-folder";

/** The oldest PostgreSQL version that a stack can have. Files may use only its features. */
const OLDEST_POSTGRESQL = String(Math.min(...majorVersions));

const REPORT = z.object({
  file: z.string(),
  /** From 0. */
  line: z.number(),
  line_end: z.number(),
  /** In bytes, like `column_end`. */
  column: z.number(),
  column_end: z.number(),
  message: z.string(),
  help: z.string().nullable(),
  rule_name: z.string(),
});

type Report = z.infer<typeof REPORT>;

/**
 * squawk's findings in all files of a database. Starts one process for files in a transaction and one for the others,
 * and one more each if squawk cannot read a file.
 * @param program the squawk program, `squawkProgram(root)`
 */
export async function squawkFindings(
  program: string,
  database: ParsedDatabase,
): Promise<readonly Finding[]> {
  const schema = buildSchema(database);
  return inTemporaryFolder(async (folder) => {
    // squawk reads the nearest .squawk.toml, also of a parent folder. An empty one keeps its defaults.
    fs.writeFileSync(path.join(folder, ".squawk.toml"), "");
    const found = new Map(database.files.map((file) => [file, [] as Finding[]]));
    for (const transaction of [true, false]) {
      const files = database.files.filter(
        ({ migration }) => migration.directives.transaction === transaction,
      );
      const run = async (copies: readonly Copy[], name: string): Promise<readonly Reported[]> =>
        reportsOn(program, copies, path.join(folder, `${name}-${transaction}`), transaction);
      const whole = await run(files.map(wholeCopy), "whole");
      // squawk stops reading a file at a statement that it cannot read.
      const unread = new Set(whole.filter(isSyntaxError).map(({ copy }) => copy.file));
      const single = await run([...unread].flatMap(statementCopies), "single");
      const used = [...whole.filter(({ copy }) => !unread.has(copy.file)), ...single];
      const byLine = new Map(files.map((file) => [file, statementsByLine(file, schema)]));
      const isIgnored = ({ copy, report, overlappingRules, text }: Reported): boolean => {
        const statements = byLine.get(copy.file)?.get(lineOf(copy, report)) ?? [];
        const at = { transaction, statements, overlappingRules, text };
        return IGNORED_RULES.some(
          ({ rules, where }) => rules.includes(report.rule_name) && where(at),
        );
      };
      for (const each of used.filter((report) => !isIgnored(report))) {
        found.get(each.copy.file)?.push(findingOf(each));
      }
    }
    return [...found.values()].flat();
  });
}

export function squawkProgram(root: string): string {
  return path.join(root, "node_modules", ".bin", "squawk");
}

/** The file as the runner runs it. Its settings are prepended to the first line, so that line numbers do not change. */
export function sqlAsRun(file: ParsedFile): string {
  return settingsOf(file) + file.expandedSql;
}

function settingsOf({ migration: { directives } }: ParsedFile): string {
  const scope = directives.transaction ? "set local" : "set";
  return (
    `${scope} lock_timeout = '${directives.lockTimeout}'; ` +
    `${scope} statement_timeout = '${directives.statementTimeout}'; `
  );
}

/** A copy of a file, or of one statement, that squawk checks. */
interface Copy {
  readonly file: ParsedFile;
  readonly text: string;
  /** Number of lines of the file above the copied text. */
  readonly linesAbove: number;
}

function wholeCopy(file: ParsedFile): Copy {
  return { file, text: sqlAsRun(file), linesAbove: 0 };
}

function statementCopies(file: ParsedFile): readonly Copy[] {
  return file.statements.map(({ sql, line }) => ({
    file,
    text: `${settingsOf(file)}${sql.slice(startOf(sql))};\n`,
    linesAbove: line - 1,
  }));
}

interface Reported {
  readonly copy: Copy;
  readonly report: Report;
  /** Other squawk rules with a finding that overlaps the same text. */
  readonly overlappingRules: readonly string[];
  /** The text that it covers. */
  readonly text: string;
}

/** Runs squawk on copies of files. A glob pattern keeps the command line short for any number of files. */
async function reportsOn(
  program: string,
  copies: readonly Copy[],
  cwd: string,
  transaction: boolean,
): Promise<readonly Reported[]> {
  if (copies.length === 0) return [];
  fs.mkdirSync(cwd);
  copies.forEach(({ text }, index) => {
    fs.writeFileSync(path.join(cwd, `${index}.sql`), text);
  });
  const args = [
    "--reporter",
    "json",
    "--pg-version",
    OLDEST_POSTGRESQL,
    ...(transaction ? ["--assume-in-transaction"] : []),
    "*.sql",
  ];
  const reports = copies.map((): Report[] => []);
  for (const each of z.array(REPORT).parse(JSON.parse(await run(program, args, cwd)))) {
    reports[parseInt(each.file)]?.push(each);
  }
  return copies.flatMap((copy, index) => located(copy, reports[index] ?? []));
}

function located(copy: Copy, reports: readonly Report[]): readonly Reported[] {
  const lines = copy.text.split("\n").map((line) => Buffer.from(line));
  const byLine = new Map<number, Report[]>();
  for (const each of reports) {
    for (let line = each.line; line <= each.line_end; line += 1) {
      const there = byLine.get(line) ?? [];
      byLine.set(line, there);
      there.push(each);
    }
  }
  return reports.map((report) => ({
    copy,
    report,
    overlappingRules: (byLine.get(report.line_end) ?? [])
      .filter((each) => each !== report && overlap(each, report))
      .map(({ rule_name }) => rule_name),
    text: textOf(lines, report),
  }));
}

/** The text of a report, whose columns count bytes. */
function textOf(lines: readonly Buffer[], { line, line_end, column, column_end }: Report): string {
  return lines
    .slice(line, line_end + 1)
    .map((each, index) =>
      each
        .subarray(index === 0 ? column : 0, index === line_end - line ? column_end : undefined)
        .toString(),
    )
    .join("\n");
}

function overlap(a: Report, b: Report): boolean {
  const begins = (one: Report, other: Report): boolean =>
    one.line < other.line_end || (one.line === other.line_end && one.column < other.column_end);
  return begins(a, b) && begins(b, a);
}

function findingOf({ copy, report }: Reported): Finding {
  const { message, help, rule_name } = report;
  return {
    file: copy.file.path,
    line: lineOf(copy, report),
    rule: `squawk/${rule_name}`,
    text: help === null ? message : `${message} ${help}`,
  };
}

function lineOf({ linesAbove }: Copy, { line }: Report): number {
  return linesAbove + line + 1;
}

/** The statements on each line. */
function statementsByLine(
  { statements }: ParsedFile,
  { named }: Schema,
): ReadonlyMap<number, FindingContext["statements"]> {
  const byLine = new Map<number, FindingContext["statements"][number][]>();
  for (const statement of statements) {
    const { node, line, lastLine } = statement;
    const objects = named.get(statement);
    const targets = changedObjects(node).flatMap((name) => objects?.get(name) ?? []);
    for (let at = line; at <= lastLine; at += 1) {
      const there = byLine.get(at) ?? [];
      there.push({ node, targets });
      byLine.set(at, there);
    }
  }
  return byLine;
}

function isSyntaxError({ report }: Reported): boolean {
  return report.rule_name === "syntax-error";
}

/** @throws Error if squawk cannot be started, or exits without a report */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if ((code === 0 || code === 1) && text.stdout !== "") return text.stdout;
  throw new Error(`squawk exited with ${String(code)}: ${text.stderr.trim()}`);
}
