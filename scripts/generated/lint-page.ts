import { RULES } from "../../lint/rules/rules";
import { IGNORED_RULES } from "../../lint/squawk-ignored";
import { code, list } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/lint.md, with every rule and its reason. @param root the project's folder */
export function lintPage(root: string): string {
  return pageWithParts(root, "docs/lint.md", {
    rules: list(RULES.map(({ name, reason }) => [code([name]), reason])),
    "left out": list(IGNORED_RULES.map(({ rules, reason }) => [code(rules), reason])),
  });
}
