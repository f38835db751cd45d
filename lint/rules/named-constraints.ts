import type { Rule } from "../rule";
import { isTemporary } from "../targets";
import { walk } from "../walk";

/** These have no name to speak of, or it is given to the column. */
const NAMELESS = [
  "CONSTR_NULL",
  "CONSTR_NOTNULL",
  "CONSTR_DEFAULT",
  "CONSTR_IDENTITY",
  "CONSTR_GENERATED",
  "CONSTR_ATTR_DEFERRABLE",
  "CONSTR_ATTR_NOT_DEFERRABLE",
  "CONSTR_ATTR_DEFERRED",
  "CONSTR_ATTR_IMMEDIATE",
];

export const namedConstraints: Rule = {
  name: "named-constraints",
  reason:
    "A name is what an application sees in an error and what a later file changes; one that PostgreSQL makes up may differ " +
    "from server to server.",
  check: ({ statements }) =>
    statements.flatMap(({ file, node, lineAt, line }) => {
      if (isTemporary(node)) return [];
      const found: { file: string; line: number; text: string }[] = [];
      walk(node, {
        Constraint: ({ contype = "", conname, location }) => {
          if (conname !== undefined || NAMELESS.includes(contype)) return;
          found.push({ file, line: lineAt(location), text: "Name it: constraint ..." });
        },
        IndexStmt: ({ idxname }) => {
          if (idxname === undefined) found.push({ file, line, text: "Name the index." });
        },
      });
      return found;
    }),
};
