import type { ParsedStatement } from "../parsed";
import type { RuleContext, Objection, Rule } from "../rule";
import { type NodeOf, names, textOf, walk } from "../../components/sql-text/parse-tree";

/** Settings that the runner sets for a file, each with the directive that changes it. */
const RUNNERS: Readonly<Record<string, string | undefined>> = {
  lock_timeout: "lock_timeout",
  statement_timeout: "statement_timeout",
  role: "role",
  transaction_timeout: undefined,
  idle_in_transaction_session_timeout: undefined,
  search_path: undefined,
  session_authorization: undefined,
};

/** Names of `set transaction ...` in the parser and on the server. */
const TRANSACTION = /^(TRANSACTION|TRANSACTION SNAPSHOT|transaction_.*)$/;

export const sessionSettings: Rule = {
  name: "session-settings",
  reason:
    "The runner sets timeouts, role and search_path, and begins the transaction. A setting without `local` stays in effect " +
    "for later files of the same run, and is missing when they run alone.",
  check: ({ statements }: RuleContext) => statements.flatMap(settingsOf),
};

function settingsOf(statement: ParsedStatement): readonly Objection[] {
  const { file, line, node } = statement;
  const found: Objection[] = [];
  const object = (text: string | undefined, at = line): void => {
    if (text !== undefined) found.push({ file, line: at, text });
  };
  if ("DiscardStmt" in node) {
    const all = node.DiscardStmt.target === "DISCARD_ALL";
    object(all ? UNDOES : "Remove it: the session ends with the run.");
  }
  if ("VariableSetStmt" in node) object(whyNot(node.VariableSetStmt));
  // Settings of a function apply when it is called, so its clauses are not checked.
  walk(node, {
    FuncCall: ({ funcname, args, location }) => {
      if (names(funcname).at(-1) !== "set_config") return;
      const isLocal = args?.[2] !== undefined && isTrue(args[2]);
      const name = textOf(args?.[0]);
      const call = name === undefined ? "set_config" : `set_config for ${name}`;
      const text = `Pass true as third argument of ${call}: ${ENDS}`;
      object(runnersOwn(name ?? "") ?? (isLocal ? undefined : text), statement.lineAt(location));
    },
  });
  return found;
}

const ENDS = "the setting then ends with the file.";
const UNDOES = "Remove it: it undoes what the runner has set.";

function whyNot({
  kind,
  name = "",
  is_local = false,
}: NodeOf<"VariableSetStmt">): string | undefined {
  if (kind === "VAR_RESET_ALL") return UNDOES;
  if (name === "SESSION CHARACTERISTICS") {
    return "Remove it: it also changes the transactions of later files.";
  }
  const runners = runnersOwn(name);
  if (runners !== undefined) return runners;
  if (kind === "VAR_RESET") {
    return 'Remove it: a setting made with "set local" ends with the file.';
  }
  return is_local ? undefined : `Write "set local ${name}": ${ENDS}`;
}

function runnersOwn(name: string): string | undefined {
  if (Object.hasOwn(RUNNERS, name)) {
    const directive = RUNNERS[name];
    const instead =
      directive === undefined ? "" : ` Write "--! ${directive} ..." at the top of the file.`;
    return `Remove it: the runner sets ${name}.${instead}`;
  }
  return TRANSACTION.test(name) ? "Remove it: the runner begins the transaction." : undefined;
}

function isTrue(node: NonNullable<Parameters<typeof textOf>[0]>): boolean {
  return "A_Const" in node && node.A_Const.boolval?.boolval === true;
}
