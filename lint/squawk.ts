import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { majorVersions } from "../components/lib/parameters";
import type { ParsedDatabase, ParsedFile } from "./database";
import type { Finding } from "./findings";
import { buildSchema } from "./model/build";
import type { Schema } from "./model/schema";
import { LEFT_OUT, type Surroundings } from "./squawk-left-out";
import { targetsOf } from "./targets";
import { inTemporaryFolder } from "./temporary-folder";

/** The oldest version that a stack can have: what that lacks, a file may not use. */
const OLDEST_POSTGRESQL = String(Math.min(...majorVersions));

const REPORT = z.object({
  file: z.string(),
  /** From 0. */
  line: z.number(),
  line_end: z.number(),
  column_end: z.number(),
  message: z.string(),
  help: z.string().nullable(),
  rule_name: z.string(),
});

type Report = z.infer<typeof REPORT>;

/**
 * All files of a database, by one process for those in a transaction and one for the others.
 * @param program squawk's own, `squawkProgram(root)`
 */
export async function squawkFindings(
  program: string,
  database: ParsedDatabase,
): Promise<readonly Finding[]> {
  const schema = buildSchema(database);
  return inTemporaryFolder(async (folder) => {
    // squawk takes the nearest settings, also those of a folder above: these are its defaults.
    fs.writeFileSync(path.join(folder, ".squawk.toml"), "");
    const reports = new Map(
      database.files.map(({ migration }) => [migration.name, [] as Report[]]),
    );
    for (const transaction of [true, false]) {
      const files = database.files.filter(
        ({ migration }) => migration.directives.transaction === transaction,
      );
      if (files.length === 0) continue;
      for (const report of await reportOn(program, files, folder, transaction)) {
        reports.get(report.file)?.push(report);
      }
    }
    return database.files.flatMap((file) => {
      const own = reports.get(file.migration.name) ?? [];
      const besides = rulesByEnd(own);
      const statements = statementsByLine(file, schema);
      const { transaction } = file.migration.directives;
      const isLeftOut = (report: Report): boolean => {
        const at = {
          transaction,
          statements: statements.get(report.line + 1) ?? [],
          besides: besides(report),
        };
        return LEFT_OUT.some(({ rules, where }) => rules.includes(report.rule_name) && where(at));
      };
      return own.filter((report) => !isLeftOut(report)).map((report) => findingOf(report, file));
    });
  });
}

export function squawkProgram(root: string): string {
  return path.join(root, "node_modules", ".bin", "squawk");
}

/** The file as the runner runs it. What it sets stands in the first line, so that all lines keep their numbers. */
export function asRun({ opened, migration: { directives } }: ParsedFile): string {
  const scope = directives.transaction ? "set local" : "set";
  const settings =
    `${scope} lock_timeout = '${directives.lockTimeout}'; ` +
    `${scope} statement_timeout = '${directives.statementTimeout}'; `;
  return settings + opened;
}

/** squawk finds the copies by a pattern, so its command line has the same length for every history. */
async function reportOn(
  program: string,
  files: readonly ParsedFile[],
  folder: string,
  transaction: boolean,
): Promise<readonly Report[]> {
  const cwd = path.join(folder, transaction ? "inside" : "outside");
  fs.mkdirSync(cwd);
  for (const file of files) fs.writeFileSync(path.join(cwd, file.migration.name), asRun(file));
  const args = [
    "--reporter",
    "json",
    "--pg-version",
    OLDEST_POSTGRESQL,
    ...(transaction ? ["--assume-in-transaction"] : []),
    "*.sql",
  ];
  return z.array(REPORT).parse(JSON.parse(await run(program, args, cwd)));
}

function findingOf({ line, message, help, rule_name }: Report, file: ParsedFile): Finding {
  return {
    file: file.path,
    line: line + 1,
    rule: `squawk/${rule_name}`,
    text: help === null ? message : `${message} ${help}`,
  };
}

/** squawk's rules whose findings end at the same place as one. */
function rulesByEnd(reports: readonly Report[]): (report: Report) => readonly string[] {
  const end = ({ line_end, column_end }: Report): string => `${line_end}:${column_end}`;
  const rules = new Map(reports.map((report) => [end(report), [] as string[]]));
  for (const report of reports) rules.get(end(report))?.push(report.rule_name);
  return (report) => rules.get(end(report)) ?? [];
}

/** The statements that stand on each line. */
function statementsByLine(
  { statements }: ParsedFile,
  { named }: Schema,
): ReadonlyMap<number, Surroundings["statements"]> {
  const byLine = new Map<number, Surroundings["statements"][number][]>();
  for (const statement of statements) {
    const { node, line, lastLine } = statement;
    const objects = named.get(statement);
    const targets = targetsOf(node).flatMap((name) => objects?.get(name) ?? []);
    for (let at = line; at <= lastLine; at += 1) {
      const there = byLine.get(at) ?? [];
      there.push({ node, targets });
      byLine.set(at, there);
    }
  }
  return byLine;
}

/** @throws Error where squawk cannot be started, or ends without a report */
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
  throw new Error(`squawk ended with ${String(code)}: ${text.stderr.trim()}`);
}
