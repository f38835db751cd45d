import { parseSync } from "libpg-query";
import { typeText } from "../components/sql-text/sql-names";
import { type NodeOf, commandsOf, nodesOf } from "../components/sql-text/walk";

const SERIAL = ["serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"];

/** Whether a column gets its values from a sequence that its type brings along. */
export function isSerial({ typeName }: NodeOf<"ColumnDef">): boolean {
  return SERIAL.includes(typeText(typeName));
}

/** The column that an action of `alter table` is about; undefined for an action on none, and for what is no action. */
export function columnOf(action: string): NodeOf<"ColumnDef"> | undefined {
  try {
    const node = parseSync(`alter table t ${action}`).stmts?.[0]?.stmt;
    return columnsOf(node === undefined ? [] : commandsOf(node))[0];
  } catch {
    // squawk's part of a statement need not be one that PostgreSQL's parser takes alone.
    return undefined;
  }
}

/** The columns that actions of `alter table` define. */
export function columnsOf(
  commands: readonly NodeOf<"AlterTableCmd">[],
): readonly NodeOf<"ColumnDef">[] {
  return nodesOf(
    "ColumnDef",
    commands.flatMap(({ def }) => def ?? []),
  );
}
