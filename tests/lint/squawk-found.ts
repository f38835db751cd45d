import * as path from "node:path";
import { readDatabase } from "../../lint/lint-database";
import type { ParsedDatabase } from "../../lint/parsed";
import { squawkFindings, squawkProgram } from "../../lint/squawk";

export const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));
const HEAD = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** squawk's rules with findings in a file, in order of lines. @param at the index of the file, by default the last */
export async function squawkFound(
  texts: readonly string[],
  at = texts.length - 1,
): Promise<readonly string[]> {
  const database = await readTexts(texts);
  const path = database.files[at]?.path;
  const findings = await squawkFindings(PROGRAM, database);
  return findings
    .filter(({ file }) => file === path)
    .map(({ rule }) => rule.replace("squawk/", ""));
}

/** @throws Error if the runner refuses a text */
export async function readTexts(texts: readonly string[]): Promise<ParsedDatabase> {
  const files = texts.map((text, at) => [`00000${at + 1}_x.sql`, HEAD + text] as const);
  const reading = await readDatabase("sark", "sql/x", Object.fromEntries(files));
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return reading.database;
}
