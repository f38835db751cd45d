import { ACCEPTED } from "./accepted";
import { formatFinding } from "./findings";
import { lint } from "./lint";
import { RULES } from "./rules/rules";

/**
 * `npm run lint:sql`: every migration file by every rule, a line for each finding. Returns the exit code: 0 where there is
 * nothing to do, else 1.
 * @throws Error where squawk cannot be run
 */
export async function runLint(root: string): Promise<number> {
  const { files, findings, stale, accepted } = await lint(root, ACCEPTED);
  for (const finding of findings) console.log(formatFinding(finding));
  for (const { rule, file, source } of stale) {
    console.log(`lint/accepted.ts: ${rule} is not found any more in ${file} at ${String(source)}`);
  }
  console.log(
    `${files} files, ${RULES.length} rules and squawk's, ${findings.length} findings, ${accepted} accepted with a reason`,
  );
  return findings.length + stale.length > 0 ? 1 : 0;
}
