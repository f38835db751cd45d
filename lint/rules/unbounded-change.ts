import type { Node } from "@pgsql/types";
import type { Part } from "../parsed";
import { relationName } from "../../components/sql-text/sql-names";
import type { Name } from "../model/schema";
import type { Rule } from "../rule";
import { changedObjects } from "../statement-objects";
import {
  type NodeOf,
  names,
  nodesOf,
  textWithoutPositions,
  walk,
} from "../../components/sql-text/parse-tree";

export const unboundedChange: Rule = {
  name: "unbounded-change",
  reason:
    "A change of every row of a table in use is rarely intended, cannot be undone, and holds locks until the file commits.",
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
  // Functions and rules run later.
  if ("CreateFunctionStmt" in node || "RuleStmt" in node) return [];
  if ("TruncateStmt" in node) {
    const used = changedObjects(node).filter((name) => !isNew(name));
    if (used.length === 0) return [];
    const more = node.TruncateStmt.behavior === "DROP_CASCADE";
    const text = `This deletes all rows of ${used.join(", ")}${more ? ", and of every table that refers to it" : ""}: remove it, or delete with a where clause.`;
    return [{ line: lineAt(undefined), text }];
  }
  const found: Change[] = [];
  const add = (verb: string, relation: NodeOf<"RangeVar"> | undefined, by: string): void => {
    const name = relationName(relation);
    if (isNew(name)) return;
    const text = `This ${verb} all rows of ${name}: add a ${by}, and work in batches if the table is large.`;
    found.push({ line: lineAt(relation?.location), text });
  };
  const check =
    (verb: string) =>
    ({ relation, whereClause }: NodeOf<"UpdateStmt"> | NodeOf<"DeleteStmt">): void => {
      if (isAll(whereClause)) add(verb, relation, "where clause");
    };
  walk(node, {
    UpdateStmt: check("updates"),
    DeleteStmt: check("deletes"),
    MergeStmt: ({ relation, joinCondition, mergeWhenClauses }) => {
      if (!isAll(joinCondition)) return;
      for (const clause of nodesOf("MergeWhenClause", mergeWhenClauses)) {
        const { commandType = "", matchKind, condition } = clause;
        const verb = MERGED[commandType];
        if (verb === undefined || matchKind !== "MERGE_WHEN_MATCHED" || !isAll(condition)) continue;
        add(verb, relation, "condition");
      }
    },
  });
  return found;
}

const MERGED: Readonly<Record<string, string>> = { CMD_UPDATE: "updates", CMD_DELETE: "deletes" };

function isAll(condition: Node | undefined): boolean {
  return condition === undefined || isTrue(condition);
}

/** Whether a condition's text shows that it holds for all rows, or for all rows without null. */
function isTrue(condition: Node): boolean {
  if ("A_Const" in condition) return condition.A_Const.boolval?.boolval === true;
  if ("BoolExpr" in condition) {
    const { boolop, args = [] } = condition.BoolExpr;
    if (boolop === "OR_EXPR") return args.some(isTrue);
    return boolop === "AND_EXPR" && args.every(isTrue);
  }
  if (!("A_Expr" in condition)) return false;
  const { kind, name, lexpr, rexpr } = condition.A_Expr;
  const isEqual = kind === "AEXPR_OP" && names(name).join() === "=";
  return isEqual && isFixed(lexpr) && textWithoutPositions(lexpr) === textWithoutPositions(rexpr);
}

/** Whether a node is a constant or a column. A function may return another value each time. */
function isFixed(node: Node | undefined): boolean {
  return (
    node !== undefined &&
    (("A_Const" in node && node.A_Const.isnull !== true) || "ColumnRef" in node)
  );
}
