import type { ParsedFile, ParsedStatement } from "../parsed";
import { languageOf } from "../function-bodies";
import { siblingName, joinedName, objectName } from "../../components/sql-text/sql-names";
import type { Name, Schema } from "../model/schema";
import type { Objection, Rule } from "../rule";
import { usesOfLabel } from "./enum-uses";

export const enumValue: Rule = {
  name: "enum-value",
  reason:
    "PostgreSQL cannot use a new enum value before the transaction that added it commits, unless the same transaction " +
    "created the type. Each file is one transaction.",
  check: ({ database, schema }) => {
    const labels = new Map<Name, Set<string>>();
    return database.files.flatMap((file) => usesInFile(file, schema, labels));
  },
};

interface Added {
  type: Name;
  readonly label: string;
}

/** @param labels known values of each type from earlier files; this file's values are added */
function usesInFile(
  file: ParsedFile,
  schema: Schema,
  labels: Map<Name, Set<string>>,
): readonly Objection[] {
  const own = new Set<Name>();
  const added: Added[] = [];
  return file.statements.flatMap((statement) => {
    const { node } = statement;
    if ("CreateEnumStmt" in node) {
      const type = joinedName(node.CreateEnumStmt.typeName);
      own.add(type);
      labels.set(type, new Set(node.CreateEnumStmt.vals?.map(objectName)));
    } else if ("AlterEnumStmt" in node) {
      const { typeName, oldVal, newVal = "" } = node.AlterEnumStmt;
      const type = joinedName(typeName);
      const known = labels.get(type) ?? new Set<string>();
      // A renamed value can be used at once.
      if (oldVal === undefined && !own.has(type) && !known.has(newVal)) {
        added.push({ type, label: newVal });
      }
      known.add(newVal);
      labels.set(type, known);
    } else if ("RenameStmt" in node && node.RenameStmt.renameType === "OBJECT_TYPE") {
      const from = objectName(node.RenameStmt.object);
      const to = siblingName(from, node.RenameStmt.newname ?? "");
      if (own.has(from)) own.add(to);
      labels.set(to, labels.get(from) ?? new Set());
      for (const each of added) if (each.type === from) each.type = to;
    }
    return added.flatMap(({ type, label }) => objections(statement, schema, type, label));
  });
}

function objections(
  statement: ParsedStatement,
  schema: Schema,
  type: Name,
  label: string,
): readonly Objection[] {
  const { node, file } = statement;
  // The server checks an SQL function when it is created, others when they are called.
  const read =
    "CreateFunctionStmt" in node && languageOf(node.CreateFunctionStmt) === "sql"
      ? [statement, ...statement.body]
      : [statement];
  return read.flatMap(({ tree, lineAt }) =>
    usesOfLabel(tree, schema, type, label).map((location) => ({
      file,
      line: lineAt(location),
      text: `Value '${label}' of ${type} is added in this file and cannot be used before it commits: use it in a later file.`,
    })),
  );
}
