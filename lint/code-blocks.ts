import { lineFinder } from "../components/text/line-numbers";
import { classifyStatement } from "../components/migrations/plan/classify-statement";
import { relationsOf } from "../components/migrations/plan/statement-effects";
import type { Statement } from "../components/migrations/plan/statements";
import type { Body, BodyPart } from "./function-bodies";
import type { ParsedStatement } from "./parsed";

/** A `do` block. It runs at once, so the lint reads its statements as if they stood in the file. */
export interface DoBlock {
  readonly statement: Statement;
  readonly statements: readonly ParsedStatement[];
  /** The complete statements, as text. */
  readonly texts: readonly { readonly sql: string; readonly line: number }[];
  /** Lines of `execute` with computed text. */
  readonly computed: readonly number[];
}

/** @param firstLine of the block's body */
export function parseBlock(
  statement: Statement,
  file: string,
  { parts, computedExecuteLines }: Body,
  firstLine: number,
): DoBlock {
  return {
    statement,
    statements: parts.flatMap((part) => statementsOf(part, file, firstLine)),
    texts: parts
      .filter(({ isStatement }) => isStatement)
      .map(({ sql, lineOffset }) => ({ sql, line: firstLine + lineOffset })),
    computed: computedExecuteLines.map((offset) => firstLine + offset),
  };
}

function statementsOf(part: BodyPart, file: string, firstLine: number): readonly ParsedStatement[] {
  const lineAt = lineInPart(part, firstLine);
  const bytes = Buffer.from(part.sql);
  return part.statements.flatMap(({ stmt: node, stmt_location = 0, stmt_len }) => {
    if (node === undefined) return [];
    const end = stmt_len ? stmt_location + stmt_len : bytes.length;
    const whole = bytes.subarray(stmt_location, end).toString();
    const start = startOf(whole);
    const sql = whole.slice(start);
    const line = lineAt(stmt_location) + linesIn(whole.slice(0, start)) - 1;
    return [
      {
        sql,
        node,
        kind: classifyStatement(node, sql),
        isConditional: true,
        tree: node,
        file,
        line,
        lastLine: line + linesIn(sql) - 1,
        lineAt: (location) => (location === undefined ? line : lineAt(location)),
        relations: relationsOf(node),
        body: [],
      },
    ];
  });
}

/** Converts a location in a part of a body to its line in the file. */
export function lineInPart(
  { sql, lineOffset }: BodyPart,
  firstLine: number,
): (location: number | undefined) => number {
  const lineOf = lineFinder(sql);
  return (location) => firstLine + lineOffset - 1 + lineOf(location ?? 0);
}

/** Replaces each block with its statements, for a linter that does not read blocks. */
export function expandBlocks(sql: string, blocks: readonly DoBlock[]): string {
  let opened = "";
  let at = 0;
  let line = 1;
  for (const { statement, texts } of blocks) {
    const start = sql.indexOf(statement.sql, at);
    const before = sql.slice(at, start);
    const first = line + linesIn(before) - 1;
    const last = first + linesIn(statement.sql) - 1;
    opened += before + onTheirLines(texts, first, last);
    at = start + statement.sql.length;
    line = last;
  }
  return opened + sql.slice(at);
}

function onTheirLines(texts: DoBlock["texts"], first: number, last: number): string {
  let text = "";
  let line = first;
  for (const each of texts) {
    const down = Math.max(each.line - line, 0);
    // An escaped line break is not a line of the file.
    const fits = line + down + linesIn(each.sql) - 1 <= last;
    const sql = fits ? each.sql : each.sql.replace(/--.*/g, "").replace(/\s+/g, " ");
    text += `${"\n".repeat(down)}${sql};`;
    line += down + linesIn(sql) - 1;
  }
  return text + "\n".repeat(Math.max(last - line, 0));
}

export function linesIn(text: string): number {
  return text.split("\n").length;
}

/** The offset at which a statement begins, after leading comments. */
export function startOf(sql: string): number {
  return /^(\s|--.*(\n|$)|\/\*[^]*?\*\/)*/.exec(sql)?.[0].length ?? 0;
}
