import { UsageError } from "../engine/engine";
import { ACCEPTED } from "./accepted";
import { BASELINE } from "./baseline";
import { formatFinding } from "./findings";
import { type Baseline, baselineSince, checkedBaseline } from "./migration-history";
import { lint } from "./lint";
import { RULES } from "./rules/rules";
import { SUMMARY_THRESHOLD, summaryOf } from "./summary";

export interface LintOptions {
  /** `--since`: the last old file of a database, instead of its baseline. */
  readonly since: string | undefined;
  /** `--all`: ignores the baseline and reports findings in every file. */
  readonly all: boolean;
  /** Default: `BASELINE` from `lint/baseline.ts`. */
  readonly baseline: Baseline;
}

/**
 * `npm run lint:sql`: checks every migration file by every rule. Prints one line for each finding, and a summary if
 * there are more than {@link SUMMARY_THRESHOLD}. Returns the exit code: 0 without findings, else 1.
 * @throws Error if squawk cannot be run
 * @throws UserError, UsageError if the baseline or `since` names no existing file
 */
export async function runLint(
  root: string,
  { since, all = false, baseline = BASELINE }: Partial<LintOptions> = {},
): Promise<number> {
  if (all && since !== undefined) {
    throw new UsageError("--all reports every file, --since only later files: pass one of them.");
  }
  const report = await lint(root, ACCEPTED, (names) => {
    if (all) return {};
    const checked = checkedBaseline(baseline, names);
    return since === undefined ? checked : { ...checked, ...baselineSince(since, names) };
  });
  const { files, findings, stale, accepted, old } = report;
  for (const finding of findings) console.log(formatFinding(finding));
  for (const { rule, file, source } of stale) {
    console.log(
      `lint/accepted.ts: ${rule} no longer occurs in ${file} at ${String(source)}: remove the entry`,
    );
  }
  if (findings.length > SUMMARY_THRESHOLD) {
    console.log("\nFindings by rule, most frequent first, each with its first location:");
    for (const line of summaryOf(findings)) console.log(line);
    if (old.length === 0) {
      console.log(
        "To lint only new files, set the last old file in lint/baseline.ts: docs/migrations.md, Adopting a history.",
      );
    }
  }
  for (const { count, last } of old) {
    const what = count === 1 ? "1 finding" : `${count} findings`;
    console.log(
      `${what} up to ${last} ${count === 1 ? "is" : "are"} hidden by the baseline; npm run lint:sql -- --all shows them`,
    );
  }
  console.log(
    `${files} files, ${RULES.length} rules plus squawk, ${findings.length} findings, ${accepted} accepted with a reason`,
  );
  return findings.length + stale.length > 0 ? 1 : 0;
}
