import { type Rule, eachStatement } from "../rule";
import { targetsOf } from "../lint-targets";

/** `share`, the weakest mode that keeps others from writing. */
const SHARE = 5;
/** `access exclusive`, the one that keeps others from reading. */
const ACCESS_EXCLUSIVE = 8;

export const tableLock: Rule = {
  name: "table-lock",
  reason:
    "Everybody who writes to the table waits until the file commits, and with the default mode everybody who reads it.",
  check: (context) =>
    eachStatement(context, (statement) => {
      const { node } = statement;
      if (!("LockStmt" in node)) return undefined;
      const { mode = ACCESS_EXCLUSIVE } = node.LockStmt;
      const named = context.schema.named.get(statement);
      const used = targetsOf(node).filter((name) => named?.get(name)?.isNew !== true);
      if (mode < SHARE || used.length === 0) return undefined;
      const whom = mode === ACCESS_EXCLUSIVE ? "reads and writes" : "writes";
      return `This blocks ${whom} of ${used.join(", ")} until the file commits: remove it, each statement takes the lock that it needs.`;
    }),
};
