import type { Node } from "@pgsql/types";
import { parseSync } from "libpg-query";
import { typeText } from "../components/sql-text/sql-names";
import type { NodeOf } from "../components/sql-text/walk";

const SERIAL = ["serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"];

/** Whether a column gets its values from a sequence that its type brings along. */
export function isSerial({ typeName }: NodeOf<"ColumnDef">): boolean {
  return SERIAL.includes(typeText(typeName));
}

/** The column that an action of `alter table` is about; undefined for an action on none, and for what is no action. */
export function columnOf(action: string): NodeOf<"ColumnDef"> | undefined {
  const [command] = commandsOf(`alter table t ${action}`);
  if (command === undefined || !("AlterTableCmd" in command)) return undefined;
  const { def } = command.AlterTableCmd;
  return def !== undefined && "ColumnDef" in def ? def.ColumnDef : undefined;
}

function commandsOf(sql: string): readonly Node[] {
  try {
    const node = parseSync(sql).stmts?.[0]?.stmt;
    return node !== undefined && "AlterTableStmt" in node ? (node.AlterTableStmt.cmds ?? []) : [];
  } catch {
    // squawk's part of a statement need not be one that PostgreSQL's parser takes alone.
    return [];
  }
}
