import { loadModule } from "libpg-query";
import { lineFinder } from "../components/text/line-numbers";
import { MigrationError } from "../components/migrations/plan/errors";
import { type MigrationFile, planFiles } from "../components/migrations/plan/migration-files";
import { type Statement, readStatements } from "../components/migrations/plan/statements";
import type { DatabaseName } from "../components/roles/plan/role-plan";
import {
  type DoBlock,
  lineInPart,
  linesIn,
  parseBlock,
  startOf,
  expandBlocks,
} from "./code-blocks";
import { type Body, readBody } from "./function-bodies";
import type { Finding } from "./findings";
import type { ParsedDatabase, ParsedFile, ParsedStatement } from "./parsed";
import { nodesOf } from "../components/sql-text/parse-tree";
import { resolveTemporary } from "../components/sql-text/temporary-names";

/** The parsed database, or the findings that make the runner refuse it; those stop further checks. */
export type Reading =
  | { readonly database: ParsedDatabase }
  | { readonly findings: readonly Finding[] };

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
        files.push(parsedFile(path, migration, statements));
      } catch (error) {
        findings.push(refusalFinding(error, folder));
      }
    }
  } catch (error) {
    findings.push(refusalFinding(error, folder));
  }
  return findings.length > 0 ? { findings } : { database: { name, files } };
}

/** Converts the runner's error to a finding. Most messages begin with the file, and many with its line. */
export function refusalFinding(error: unknown, folder: string): Finding {
  if (!(error instanceof MigrationError)) throw error;
  const text = error.message.slice(error.code.length + 2);
  const [place, name, line] = /^(.+?\.sql)(?::(\d+))?: /i.exec(text) ?? [""];
  return {
    file: name === undefined ? folder : `${folder}/${name}`,
    line: Number(line ?? 1),
    rule: `runner/${error.code}`,
    text: text.slice(place.length),
  };
}

function parsedFile(
  path: string,
  migration: MigrationFile,
  read: readonly Statement[],
): ParsedFile {
  const lineOf = lineFinder(migration.sql);
  const blocks: DoBlock[] = [];
  const statements = read.flatMap((statement): readonly ParsedStatement[] => {
    const { line, node, sql } = statement;
    const firstLine = bodyLine(statement, lineOf);
    const body = bodyOf(path, statement, firstLine);
    if ("DoStmt" in node) {
      const block = parseBlock(statement, path, body, firstLine);
      blocks.push(block);
      return block.statements;
    }
    return [
      {
        ...statement,
        isConditional: false,
        file: path,
        tree: node,
        lineAt: (location) => (location === undefined ? line : lineOf(location)),
        lastLine: line + linesIn(sql.slice(startOf(sql))) - 1,
        body: body.parts.map((part) => ({
          tree: part.statements,
          lineAt: lineInPart(part, firstLine),
        })),
      },
    ];
  });
  resolveTemporary(statements);
  return {
    path,
    migration,
    statements,
    expandedSql: expandBlocks(migration.sql, blocks),
    computedExecuteLines: blocks.flatMap(({ computed }) => computed.slice(0, 1)),
  };
}

function bodyOf(path: string, statement: Statement, firstLine: number): Body {
  try {
    return readBody(statement);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const name = path.slice(path.lastIndexOf("/") + 1);
    throw new MigrationError("syntax", `${name}:${firstLine}: in the body: ${why}`, {
      cause: error,
    });
  }
}

/** The line of `as $$`, the first of the body. */
function bodyLine({ node, line }: Statement, lineOf: (location: number) => number): number {
  const options =
    "CreateFunctionStmt" in node
      ? node.CreateFunctionStmt.options
      : "DoStmt" in node
        ? node.DoStmt.args
        : undefined;
  const location = nodesOf("DefElem", options).find(({ defname }) => defname === "as")?.location;
  return location === undefined ? line : lineOf(location);
}
