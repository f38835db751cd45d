import { codeSpan } from "../../../components/text/markdown";
import { printable } from "../../../components/text/printable";
import type { DatabaseName } from "../../../components/roles/plan/role-plan";
import { entityDiagram } from "./entity-diagram";
import {
  type GoldenFunction,
  type GoldenGrant,
  type GoldenPart,
  type GoldenRelation,
  readGolden,
} from "./golden-reader";

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
    ...functionParts(golden.functions),
    ...(golden.jobs.length > 0 ? ["## Jobs", golden.jobs.map(partLine).join("\n")] : []),
    ...golden.schemas.flatMap(({ name, grants }) => [
      `## Schema ${code(name)}`,
      grantTable(grants),
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
    columnTable(relation),
    ...listed("Constraints", constraints.map(partLine)),
    ...listed("Indexes", indexes.map(indexText).map(codeLine)),
    ...listed("Triggers", triggers.map(codeLine)),
    ...listed("Row-level security", policies.map(codeLine)),
    ...listed("Jobs", relation.jobs.map(codeLine)),
    ...(relation.definition === undefined
      ? []
      : [["```sql", relation.definition, "```"].join("\n")]),
    grantTable(relation.grants),
  ];
}

function columnTable({ columns }: GoldenRelation): string {
  return table(
    ["Column", "Type", "Null", "Value", "Comment"],
    columns.map(({ name, type, nullable, value, comment }) => [
      code(name),
      code(type),
      nullable ? "yes" : "no",
      value === undefined ? "" : code(value),
      comment === undefined ? "" : plain(comment),
    ]),
  );
}

function functionParts(functions: readonly GoldenFunction[]): readonly string[] {
  if (functions.length === 0) return [];
  const rows = functions.map(({ name, returns, comment, owner, grants, ...rest }) => [
    code(name),
    returns === undefined ? "" : code(returns),
    comment === undefined ? "" : plain(comment),
    code(owner) + (rest.securityDefiner ? ", security definer" : ""),
    grants.map(({ role }) => code(role)).join(", ") || "owner only",
  ]);
  const head = ["Function", "Returns", "Description", "Owner", "Execute"];
  return ["## Functions", table(head, rows)];
}

/** The table of grants. A dump omits the owner's own privileges. */
function grantTable(grants: readonly GoldenGrant[]): string {
  if (grants.length === 0) return "Only its owner has privileges on it.";
  return table(
    ["Role", "Privileges"],
    grants.map(({ role, privileges, columns }) => [
      code(role),
      columns.length === 0
        ? `\`${privileges}\``
        : `\`${privileges}\` on ${columns.map(code).join(", ")}`,
    ]),
  );
}

function partLine({ name, definition }: GoldenPart): string {
  return `- ${code(name)}: ${code(definition)}`;
}

function codeLine(text: string): string {
  return `- ${code(text)}`;
}

/** An index without its table, which the heading names. */
function indexText(definition: string): string {
  return definition.replace(/^CREATE (UNIQUE )?INDEX (\S+) ON (?:ONLY )?\S+ USING /, "$2: $1");
}

function listed(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, lines.join("\n")];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A code span on one line. */
function code(text: string): string {
  return codeSpan(text.replace(/\s+/g, " "));
}

/** Text from the database, escaped for Markdown. */
function plain(text: string): string {
  return printable(text.replace(/\s+/g, " ")).replace(/[\\`*_<>[\]#]/g, "\\$&");
}
