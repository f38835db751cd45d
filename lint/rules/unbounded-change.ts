import type { Node } from "@pgsql/types";
import type { Part } from "../database";
import { relationName } from "../../components/lib/sql/names";
import type { Name } from "../model/schema";
import type { Rule } from "../rule";
import { targetsOf } from "../targets";
import { type NodeOf, walk } from "../../components/lib/sql/walk";

export const unboundedChange: Rule = {
  name: "unbounded-change",
  reason:
    "A change of all rows of a table in use is seldom meant, cannot be undone, and holds its locks until the file commits.",
  check: ({ statements, schema }) =>
    statements.flatMap((statement) => {
      const named = schema.named.get(statement);
      const isNew = (name: Name): boolean => named?.get(name)?.isNew === true;
      return changesOf(statement.node, statement, isNew).map((each) => ({
        file: statement.file,
        ...each,
      }));
    }),
};

interface Change {
  readonly line: number;
  readonly text: string;
}

function changesOf(
  node: Node,
  { lineAt }: Part,
  isNew: (name: Name) => boolean,
): readonly Change[] {
  // These run later.
  if ("CreateFunctionStmt" in node || "RuleStmt" in node) return [];
  if ("TruncateStmt" in node) {
    const used = targetsOf(node).filter((name) => !isNew(name));
    if (used.length === 0) return [];
    const more = node.TruncateStmt.behavior === "DROP_CASCADE";
    const text = `This deletes all rows of ${used.join(", ")}${more ? ", and of every table that refers to it" : ""}: remove it, or delete by a condition.`;
    return [{ line: lineAt(undefined), text }];
  }
  const found: Change[] = [];
  const check =
    (verb: string) =>
    ({ relation, whereClause }: NodeOf<"UpdateStmt"> | NodeOf<"DeleteStmt">): void => {
      const name = relationName(relation);
      if (isNew(name) || (whereClause !== undefined && !isTrue(whereClause))) return;
      const text = `This ${verb} all rows of ${name}: add a where clause, and work in batches where the table is large.`;
      found.push({ line: lineAt(relation?.location), text });
    };
  walk(node, { UpdateStmt: check("updates"), DeleteStmt: check("deletes") });
  return found;
}

function isTrue(condition: Node): boolean {
  return "A_Const" in condition && condition.A_Const.boolval?.boolval === true;
}
