import { UsageError } from "../engine/engine";
import { ACCEPTED } from "./accepted";
import { BASELINE } from "./baseline";
import { formatFinding } from "./findings";
import { type Baseline, baselineSince, checkedBaseline } from "./migration-history";
import { lint } from "./lint";
import { RULES } from "./rules/rules";
import { MANY, summaryOf } from "./summary";

export interface LintOptions {
  /** `--since`: the last old file of a database, in place of its baseline. */
  readonly since: string | undefined;
  /** `--all`: no file is old. */
  readonly all: boolean;
  /** Default: that of `lint/baseline.ts`. */
  readonly baseline: Baseline;
}

/**
 * `npm run lint:sql`: every migration file by every rule, a line for each finding, and where there are many a summary at
 * the end. Returns the exit code: 0 where there is nothing to do, else 1.
 * @throws Error where squawk cannot be run
 * @throws UserError, UsageError where the baseline or `since` names no file
 */
export async function runLint(
  root: string,
  { since, all = false, baseline = BASELINE }: Partial<LintOptions> = {},
): Promise<number> {
  if (all && since !== undefined) {
    throw new UsageError("--all reports every file, --since only later ones: write one of them.");
  }
  const report = await lint(root, ACCEPTED, (names) => {
    if (all) return {};
    const checked = checkedBaseline(baseline, names);
    return since === undefined ? checked : { ...checked, ...baselineSince(since, names) };
  });
  const { files, findings, stale, accepted, old } = report;
  for (const finding of findings) console.log(formatFinding(finding));
  for (const { rule, file, source } of stale) {
    console.log(`lint/accepted.ts: ${rule} is not found any more in ${file} at ${String(source)}`);
  }
  if (findings.length > MANY) {
    console.log("\nFindings by rule, most first, with the first place:");
    for (const line of summaryOf(findings)) console.log(line);
    if (old.length === 0) {
      console.log(
        "To check later files alone, name the last old file in lint/baseline.ts: docs/migrations.md, Adopting a history.",
      );
    }
  }
  for (const { count, last } of old) {
    const what = count === 1 ? "1 finding" : `${count} findings`;
    const are = count === 1 ? "is" : "are";
    console.log(`${what} up to ${last} ${are} left out: npm run lint:sql -- --all reports them.`);
  }
  console.log(
    `${files} files, ${RULES.length} rules and squawk's, ${findings.length} findings, ${accepted} accepted with a reason`,
  );
  return findings.length + stale.length > 0 ? 1 : 0;
}
