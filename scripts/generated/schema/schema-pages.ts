import { codeSpan, fenceFor } from "../../../components/text/markdown";
import { printable, printableLines } from "../../../components/text/printable";
import type { DatabaseName } from "../../../components/roles/plan/role-plan";
import { list, table } from "../markdown-table";
import { entityDiagram } from "./entity-diagram";
import {
  type GoldenColumn,
  type GoldenFunction,
  type GoldenGrant,
  type GoldenPart,
  type GoldenRelation,
  readGolden,
} from "./golden-reader";

/** Characters of a default in a column's row; a longer one is below the table. */
const LONGEST_VALUE = 60;

/** Diagram, tables, aggregates and functions of one database. */
export function schemaPage(database: DatabaseName, dump: string): string {
  const golden = readGolden(dump);
  const relations = golden.relations.filter(({ kind }) => kind !== "sequence");
  const parts = [
    `# Tables of \`${database}\``,
    `The schema that all files of \`sql/${database}\` create. Generated from \`sql/${database}.golden.txt\` by ` +
      "`npm run generate -- schema`. The reasons are in [schema.md](schema.md).",
    ["```mermaid", entityDiagram(golden), "```"].join("\n"),
    ...relations.flatMap(relationParts),
    ...(golden.functions.length > 0 ? ["## Functions"] : []),
    ...golden.functions.flatMap(functionParts),
    ...(golden.jobs.length > 0 ? ["## Jobs", sqlBlock(golden.jobs.map(partText))] : []),
    ...golden.schemas.flatMap(({ name, grants }) => [
      `## Schema ${code(name)}`,
      privileges(grants),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function relationParts(relation: GoldenRelation): readonly string[] {
  const { kind, name, owner, comment, constraints, indexes, triggers, policies } = relation;
  const notes = relation.notes.map((note) => code(note));
  return [
    `## ${code(name)}`,
    ...(comment === undefined ? [] : [plain(comment)]),
    `A ${kind} of \`${owner}\`${notes.length > 0 ? `: ${notes.join("; ")}` : ""}.`,
    ...columnParts(relation),
    ...titled("Constraints", constraints.map(partText)),
    ...titled("Indexes", indexes.map(indexText)),
    ...titled("Triggers", triggers.map(triggerText)),
    ...titled("Row-level security", policies),
    ...titled("Jobs", relation.jobs.map(jobText)),
    ...titled("Query", relation.definition === undefined ? [] : [relation.definition]),
    privileges(relation.grants),
  ];
}

/** The table of columns, and below it the comments and long defaults. */
function columnParts({ columns }: GoldenRelation): readonly string[] {
  const isLong = ({ value = "" }: GoldenColumn) => value.length > LONGEST_VALUE;
  const rows = columns.map((column) => [
    code(column.name),
    code(column.type),
    column.nullable ? "yes" : "no",
    isLong(column) ? "see below" : column.value === undefined ? "" : code(column.value),
  ]);
  const comments = columns.flatMap(({ name, comment }): [string, string][] =>
    comment === undefined ? [] : [[code(name), plain(comment)]],
  );
  const long = columns.filter(isLong).map(({ name, value = "" }) => `${name} ${value}`);
  return [
    table(["Column", "Type", "Null", "Value"], rows),
    ...(comments.length > 0 ? [list(comments)] : []),
    ...titled("Values", long),
  ];
}

function functionParts(found: GoldenFunction): readonly string[] {
  const { name, returns, comment, owner, securityDefiner, grants } = found;
  const callers = grants.map(({ role }) => code(role)).join(", ") || "its owner only";
  const facts = [
    ...(returns === undefined ? [] : [`Returns ${code(returns)}.`]),
    `Owner: ${code(owner)}${securityDefiner ? ", security definer" : ""}.`,
    `Callers: ${callers}.`,
  ];
  return [`### ${code(name)}`, ...(comment === undefined ? [] : [plain(comment)]), facts.join(" ")];
}

/** The grants. A dump omits the owner's own privileges. */
function privileges(grants: readonly GoldenGrant[]): string {
  if (grants.length === 0) return "Only its owner has privileges on it.";
  const items = grants.map(({ role, privileges: granted, columns }): [string, string] => [
    code(role),
    code(granted) + (columns.length === 0 ? "" : ` on ${columns.map(code).join(", ")}`),
  ]);
  return `Privileges:\n\n${list(items)}`;
}

function partText({ name, definition }: GoldenPart): string {
  return `${name} ${definition}`;
}

/** An index without its table, which the heading names. */
function indexText(definition: string): string {
  return definition.replace(/^CREATE (UNIQUE )?INDEX (\S+) ON (?:ONLY )?\S+ USING /, "$2: $1");
}

/** A trigger on several lines. */
function triggerText(definition: string): string {
  return definition.replace(/ (BEFORE|AFTER|INSTEAD OF|FOR EACH|WHEN|EXECUTE) /g, "\n  $1 ");
}

/** A job, with its settings on a line of their own. */
function jobText(definition: string): string {
  return definition.replace(" config ", "\n  config ");
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, sqlBlock(lines)];
}

/** A block of code, in which lines may have any length. */
function sqlBlock(lines: readonly string[]): string {
  const text = lines.map(printableLines).join("\n");
  const fence = fenceFor(text);
  return `${fence}sql\n${text}\n${fence}`;
}

/** A code span on one line. */
function code(text: string): string {
  return codeSpan(text.replace(/\s+/g, " "));
}

/** Text from the database, escaped for Markdown. */
function plain(text: string): string {
  return printable(text.replace(/\s+/g, " ")).replace(/[\\`*_<>[\]#]/g, "\\$&");
}
