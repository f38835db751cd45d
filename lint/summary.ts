import { printable } from "../components/text/printable";
import type { Finding } from "./findings";

/** More findings than this are followed by a summary. */
export const SUMMARY_THRESHOLD = 50;

/** The number of findings of each rule, most frequent first, each with its first location. */
export function summaryOf(findings: readonly Finding[]): readonly string[] {
  const rules = new Map<string, { readonly first: Finding; count: number }>();
  for (const finding of findings) {
    const rule = rules.get(finding.rule) ?? { first: finding, count: 0 };
    rule.count += 1;
    rules.set(finding.rule, rule);
  }
  const rows = [...rules.values()].sort((a, b) => b.count - a.count);
  const digits = String(rows[0]?.count ?? 0).length;
  const width = Math.max(...rows.map(({ first }) => first.rule.length));
  return rows.map(({ first: { rule, file, line }, count }) =>
    printable(`  ${String(count).padStart(digits)}  ${rule.padEnd(width)}  ${file}:${line}`),
  );
}
