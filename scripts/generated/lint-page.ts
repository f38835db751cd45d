import { RULES } from "../../lint/rules/rules";
import { IGNORED_RULES } from "../../lint/squawk-ignored";
import { code, table } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/lint.md, with every rule and its reason. @param root the project's folder */
export function lintPage(root: string): string {
  return pageWithParts(root, "docs/lint.md", {
    rules: table(
      ["Rule", "Why"],
      RULES.map(({ name, reason }) => [code([name]), reason]),
    ),
    "left out": table(
      ["squawk's rules", "When they are ignored, and why"],
      IGNORED_RULES.map(({ rules, reason }) => [code(rules), reason]),
    ),
  });
}
