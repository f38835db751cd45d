import { readDatabase } from "../../lint/lint-database";
import { ruleFindings } from "../../lint/rules/rules";

/** The findings of rules in files, as `2:1 rule: text`: number of the file, and line. */
export async function found(
  rules: readonly string[],
  ...texts: readonly string[]
): Promise<readonly string[]> {
  const files = texts.map((text, index) => [`00000${index + 1}_x.sql`, text] as const);
  const reading = await readDatabase("sark", "sql/x", Object.fromEntries(files));
  const findings = "findings" in reading ? reading.findings : ruleFindings(reading.database);
  return findings
    .filter(({ rule }) => rules.includes(rule) || rule.startsWith("runner/"))
    .map(({ file, line, rule, text }) => `${file.slice(11, 12)}:${line} ${rule}: ${text}`);
}
