import type { RawStmt } from "@pgsql/types";
import { loadModule } from "libpg-query";
import { lineFinder } from "../components/lib/line-numbers";
import { MigrationError } from "../components/lib/migrations/errors";
import { type MigrationFile, planFiles } from "../components/lib/migrations/files";
import { type Statement, readStatements } from "../components/lib/migrations/statements";
import type { DatabaseName } from "../components/lib/role-plan";
import { bodyParts } from "./bodies";
import type { Finding } from "./findings";

/** Where something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface ParsedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly migration: MigrationFile;
  readonly statements: readonly ParsedStatement[];
}

/** A tree, and where its nodes stand. */
export interface Part {
  readonly tree: unknown;
  /** The line of a node's `location`; where it has none, that of the whole. */
  readonly lineAt: (location: number | undefined) => number;
}

export interface ParsedStatement extends Statement, Part {
  readonly file: string;
  readonly lastLine: number;
  /** SQL inside of the function that this makes. That of a `do` block, which runs at once, stands beside it. */
  readonly body: readonly BodyPart[];
}

interface BodyPart extends Part {
  readonly statements: readonly RawStmt[];
}

/** The files of a database, in order. */
export interface ParsedDatabase {
  readonly name: DatabaseName;
  readonly files: readonly ParsedFile[];
}

/** Either all files, or what the runner would refuse: there is no use in reading on. */
export type Reading =
  { readonly database: ParsedDatabase } | { readonly findings: readonly Finding[] };

/** @param texts the files by their names, without folder */
export async function readDatabase(
  name: DatabaseName,
  folder: string,
  texts: Readonly<Record<string, string>>,
): Promise<Reading> {
  await loadModule();
  const findings: Finding[] = [];
  const files: ParsedFile[] = [];
  try {
    for (const migration of planFiles(texts)) {
      const path = `${folder}/${migration.name}`;
      try {
        const statements = await readStatements(migration);
        files.push({
          path,
          migration,
          statements: statements.flatMap(placed(path, migration.sql)),
        });
      } catch (error) {
        findings.push(refusal(error, folder));
      }
    }
  } catch (error) {
    findings.push(refusal(error, folder));
  }
  return findings.length > 0 ? { findings } : { database: { name, files } };
}

/** Most messages begin with the file, and many with the line in it. */
function refusal(error: unknown, folder: string): Finding {
  if (!(error instanceof MigrationError)) throw error;
  const text = error.message.slice(error.code.length + 2);
  const [place, name, line] = /^(\S+\.sql)(?::(\d+))?: /.exec(text) ?? [""];
  return {
    file: name === undefined ? folder : `${folder}/${name}`,
    line: Number(line ?? 1),
    rule: `runner/${error.code}`,
    text: text.slice(place.length),
  };
}

function placed(path: string, sql: string): (statement: Statement) => readonly ParsedStatement[] {
  const lineOf = lineFinder(sql);
  return (statement) => {
    const { line, node } = statement;
    const body = bodyOf(path, statement, bodyLine(statement, lineOf));
    const whole: ParsedStatement = {
      ...statement,
      file: path,
      tree: node,
      lineAt: (location) => (location === undefined ? line : lineOf(location)),
      lastLine: line + statement.sql.slice(startOf(statement.sql)).split("\n").length - 1,
      body,
    };
    return "DoStmt" in node ? [{ ...whole, body: [] }, ...body.flatMap(runNow(whole))] : [whole];
  };
}

/** What a `do` block does, as if it stood there alone; whether it does depends on the block. */
function runNow(block: ParsedStatement): (part: BodyPart) => readonly ParsedStatement[] {
  return ({ statements, lineAt }) =>
    statements.flatMap(({ stmt: node }) => {
      if (node === undefined) return [];
      const line = lineAt(undefined);
      return [
        { ...block, node, tree: node, line, lastLine: line, lineAt, relations: [], body: [] },
      ];
    });
}

/** Where a statement begins behind the comments that stand before it. */
function startOf(sql: string): number {
  return /^(\s|--.*(\n|$)|\/\*[^]*?\*\/)*/.exec(sql)?.[0].length ?? 0;
}

function bodyOf(path: string, statement: Statement, firstLine: number): readonly BodyPart[] {
  try {
    return bodyParts(statement).map(({ statements, sql, linesDown }) => {
      const lineOf = lineFinder(sql);
      return {
        tree: statements,
        statements,
        lineAt: (location) => firstLine + linesDown - 1 + lineOf(location ?? 0),
      };
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const name = path.slice(path.lastIndexOf("/") + 1);
    throw new MigrationError("syntax", `${name}:${firstLine}: in the body: ${why}`, {
      cause: error,
    });
  }
}

/** The line of `as $$`, which is the first of the body. */
function bodyLine({ node, line }: Statement, lineOf: (location: number) => number): number {
  const options =
    "CreateFunctionStmt" in node
      ? node.CreateFunctionStmt.options
      : "DoStmt" in node
        ? node.DoStmt.args
        : undefined;
  const as = (options ?? []).find((each) => "DefElem" in each && each.DefElem.defname === "as");
  const location = as !== undefined && "DefElem" in as ? as.DefElem.location : undefined;
  return location === undefined ? line : lineOf(location);
}
