import * as fs from "node:fs";
import * as path from "node:path";
import { DATABASES } from "../components/lib/role-plan";
import { readDatabase } from "./database";
import { type Accepted, type Finding, judge, sorted } from "./findings";
import { queryFindings } from "./queries";
import { ruleFindings } from "./rules/rules";
import { squawkFindings, squawkProgram } from "./squawk";

export interface Report {
  readonly files: number;
  readonly findings: readonly Finding[];
  readonly stale: readonly Accepted[];
  /** How many were accepted. */
  readonly accepted: number;
}

/** All migration files below `root`, by every rule, and whether the queries are SQL. @throws Error where squawk cannot be run */
export async function lint(root: string, accepted: readonly Accepted[]): Promise<Report> {
  const found: Finding[] = [];
  const lines = new Map<string, readonly string[]>();
  let refused = false;
  for (const name of DATABASES) {
    const folder = `sql/${name}`;
    const texts = readFolder(path.join(root, folder));
    for (const [file, text] of Object.entries(texts)) {
      lines.set(`${folder}/${file}`, text.split(/\r?\n/));
    }
    const reading = await readDatabase(name, folder, texts);
    if ("findings" in reading) {
      refused = true;
      found.push(...reading.findings);
      continue;
    }
    found.push(...ruleFindings(reading.database));
    found.push(...(await squawkFindings(squawkProgram(root), reading.database)));
  }
  const queries = await queryFindings(root);
  found.push(...queries.findings);
  const verdict = judge(found, accepted, ({ file, line }) => lines.get(file)?.[line - 1] ?? "");
  return {
    files: lines.size + queries.files,
    findings: sorted(verdict.findings),
    // Of a database with a file that the runner refuses, nothing else was looked for.
    stale: refused ? [] : verdict.stale,
    accepted: found.length - verdict.findings.length,
  };
}

function readFolder(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fs
      .readdirSync(folder)
      .filter((name) => name.endsWith(".sql"))
      .sort()
      .map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]),
  );
}
