import { parseSync } from "libpg-query";
import { typeText } from "../components/sql-text/sql-names";
import { type NodeOf, commandsOf, nodesOf } from "../components/sql-text/parse-tree";

const SERIAL = ["serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"];

/** Whether a column has a serial type, which creates a sequence for its values. */
export function isSerial({ typeName }: NodeOf<"ColumnDef">): boolean {
  return SERIAL.includes(typeText(typeName));
}

/** The column that an `alter table` action defines; undefined if it defines no column or does not parse. */
export function parseColumnAction(action: string): NodeOf<"ColumnDef"> | undefined {
  try {
    const node = parseSync(`alter table t ${action}`).stmts?.[0]?.stmt;
    return definedColumns(node === undefined ? [] : commandsOf(node))[0];
  } catch {
    // squawk may report a fragment that does not parse alone.
    return undefined;
  }
}

/** The columns that `alter table` actions define. */
export function definedColumns(
  commands: readonly NodeOf<"AlterTableCmd">[],
): readonly NodeOf<"ColumnDef">[] {
  return nodesOf(
    "ColumnDef",
    commands.flatMap(({ def }) => def ?? []),
  );
}
