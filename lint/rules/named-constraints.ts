import type { Node } from "@pgsql/types";
import { joinedName, relationName } from "../../components/sql-text/sql-names";
import type { Rule } from "../rule";
import { isTemporary } from "../statement-objects";
import { walk } from "../../components/sql-text/parse-tree";

/** The word for each kind, and the SQL that follows the name. Other kinds need no name. */
const KINDS: Readonly<Record<string, readonly [kind: string, sql: string]>> = {
  CONSTR_PRIMARY: ["primary key", "primary key"],
  CONSTR_UNIQUE: ["unique key", "unique"],
  CONSTR_CHECK: ["check", "check"],
  CONSTR_FOREIGN: ["foreign key", "foreign key"],
  CONSTR_EXCLUSION: ["exclusion", "exclude"],
};

export const namedConstraints: Rule = {
  name: "named-constraints",
  reason:
    "Applications see the name in errors, and later files change the constraint by name. A name that PostgreSQL generates " +
    "may differ between servers.",
  check: ({ statements }) =>
    statements.flatMap(({ file, node, lineAt, line }) => {
      if (isTemporary(node)) return [];
      const found: { file: string; line: number; text: string }[] = [];
      const owner = ownerOf(node);
      walk(node, {
        Constraint: ({ contype = "", conname, fk_attrs, location }) => {
          const [kind, sql] = KINDS[contype] ?? [];
          if (conname !== undefined || kind === undefined || sql === undefined) return;
          const inColumn = contype === "CONSTR_FOREIGN" && fk_attrs === undefined;
          const text = `Name the ${kind} of ${owner}: constraint <name> ${inColumn ? "references" : sql} ...`;
          found.push({ file, line: lineAt(location), text });
        },
        IndexStmt: ({ idxname, relation }) => {
          if (idxname !== undefined) return;
          const table = relationName(relation);
          const text = `Name the index on ${table}: create index <name> on ${table} ...`;
          found.push({ file, line, text });
        },
      });
      return found;
    }),
};

/** The table or domain that a statement creates or changes. */
function ownerOf(node: Node): string {
  if ("CreateStmt" in node) return relationName(node.CreateStmt.relation);
  if ("AlterTableStmt" in node) return relationName(node.AlterTableStmt.relation);
  if ("CreateForeignTableStmt" in node) {
    return relationName(node.CreateForeignTableStmt.base?.relation);
  }
  if ("CreateDomainStmt" in node) return joinedName(node.CreateDomainStmt.domainname);
  if ("AlterDomainStmt" in node) return joinedName(node.AlterDomainStmt.typeName);
  return "its table";
}
