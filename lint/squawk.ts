import { spawn } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";
import { majorVersions } from "../components/lib/parameters";
import type { ParsedDatabase, ParsedFile } from "./database";
import type { Finding } from "./findings";
import { buildSchema } from "./model/build";
import type { Schema } from "./model/schema";
import { LEFT_OUT } from "./squawk-left-out";

/** The oldest version that a stack can have: what that lacks, a file may not use. */
const OLDEST_POSTGRESQL = String(Math.min(...majorVersions));

/** Rules that squawk has off by default. */
const OPT_IN = ["require-table-schema"];

const REPORT = z.array(
  z.object({
    /** From 0. */
    line: z.number(),
    message: z.string(),
    help: z.string().nullable(),
    rule_name: z.string(),
  }),
);

/** Every file by squawk. @param program squawk's own, `squawkProgram(root)` */
export async function squawkFindings(
  program: string,
  database: ParsedDatabase,
): Promise<readonly Finding[]> {
  const schema = buildSchema(database);
  const all = await Promise.all(database.files.map((file) => fileFindings(program, file)));
  return database.files.flatMap((file, index) =>
    (all[index] ?? []).filter((finding) => !isLeftOut(finding, file, schema)),
  );
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

async function fileFindings(program: string, file: ParsedFile): Promise<readonly Finding[]> {
  const args = [
    "--reporter",
    "json",
    "--pg-version",
    OLDEST_POSTGRESQL,
    ...OPT_IN.flatMap((rule) => ["--include", rule]),
    ...(file.migration.directives.transaction ? ["--assume-in-transaction"] : []),
    "--stdin-filepath",
    file.path,
  ];
  const output = await run(program, args, asRun(file));
  return REPORT.parse(JSON.parse(output)).map(({ line, message, help, rule_name }) => ({
    file: file.path,
    line: line + 1,
    rule: `squawk/${rule_name}`,
    text: help === null ? message : `${message} ${help}`,
  }));
}

function isLeftOut({ rule, line }: Finding, file: ParsedFile, schema: Schema): boolean {
  return LEFT_OUT.some(
    ({ rules, where }) =>
      rules.some((name) => rule === `squawk/${name}`) && where(file, line, schema),
  );
}

/** @throws Error where squawk cannot be started, or ends without a report */
async function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
    // A program that does not read to the end says why by its code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
  if ((code === 0 || code === 1) && text.stdout !== "") return text.stdout;
  throw new Error(`squawk ended with ${String(code)}: ${text.stderr.trim()}`);
}
