import { targetsOf, withNewObjects } from "../targets";
import type { Rule } from "../rule";

/** `share`, the weakest mode that keeps others from writing. */
const SHARE = 5;
/** `access exclusive`, the one that keeps others from reading. */
const ACCESS_EXCLUSIVE = 8;

export const tableLock: Rule = {
  name: "table-lock",
  reason:
    "Everybody who writes to the table waits until the file commits, and with the default mode everybody who reads it.",
  check: ({ database }) =>
    database.files.flatMap(({ statements }) =>
      withNewObjects(statements, ({ node, file, line }, isNew) => {
        if (!("LockStmt" in node)) return [];
        const { mode = ACCESS_EXCLUSIVE } = node.LockStmt;
        const used = targetsOf(node).filter((name) => !isNew(name));
        if (mode < SHARE || used.length === 0) return [];
        const whom = mode === ACCESS_EXCLUSIVE ? "reads and writes" : "writes";
        const text = `This blocks ${whom} of ${used.join(", ")} until the file commits: remove it, each statement takes the lock that it needs.`;
        return [{ file, line, text }];
      }),
    ),
};
