import type { ParsedStatement } from "../database";
import type { Context, Objection, Rule } from "../rule";
import { names, textOf, walk } from "../walk";

/** What the runner sets for a file, by its directives. */
const RUNNERS = [
  "lock_timeout",
  "statement_timeout",
  "transaction_timeout",
  "idle_in_transaction_session_timeout",
  "search_path",
  "role",
  "session_authorization",
];

export const sessionSettings: Rule = {
  name: "session-settings",
  reason:
    "Time-outs, role and search path are the runner's, by the directives. A setting that is not local to the transaction " +
    "would hold for all later files, but only when they are applied in the same run.",
  check: ({ statements }: Context) => statements.flatMap(settingsOf),
};

function settingsOf(statement: ParsedStatement): readonly Objection[] {
  const { file, line, node } = statement;
  const found: Objection[] = [];
  if ("VariableSetStmt" in node) {
    const { name = "all settings", is_local = false } = node.VariableSetStmt;
    found.push(...objections(file, line, name, is_local));
  }
  // What a function sets, it sets when it is called.
  walk(node, {
    FuncCall: ({ funcname, args, location }) => {
      if (names(funcname).at(-1) !== "set_config") return;
      const isLocal = args?.[2] !== undefined && isTrue(args[2]);
      const name = textOf(args?.[0]) ?? "a setting";
      found.push(...objections(file, statement.lineAt(location), name, isLocal));
    },
  });
  return found;
}

function objections(
  file: string,
  line: number,
  name: string,
  isLocal: boolean,
): readonly Objection[] {
  if (RUNNERS.includes(name)) {
    const text = `Take it out: ${name} is set by the runner, by the directives at the top of the file.`;
    return [{ file, line, text }];
  }
  if (isLocal) return [];
  return [{ file, line, text: `Write "set local" for ${name}, which ends with the file.` }];
}

function isTrue(node: NonNullable<Parameters<typeof textOf>[0]>): boolean {
  return "A_Const" in node && node.A_Const.boolval?.boolval === true;
}
