import * as path from "node:path";
import { type FolderTexts, readFolder } from "../components/migrations/migration-folder";
import { DATABASES, type DatabaseName } from "../components/roles/plan/role-plan";
import { readDatabase, refusalFinding } from "./lint-database";
import { type Accepted, type Finding, matchesAccepted, applyAccepted, sorted } from "./findings";
import { type Baseline, type FileNames, isOldFinding } from "./migration-history";
import { queryFindings } from "./queries";
import { ruleFindings } from "./rules/rules";
import { squawkFindings, squawkProgram } from "./squawk";

export interface Report {
  readonly files: number;
  readonly findings: readonly Finding[];
  readonly stale: readonly Accepted[];
  /** Number of accepted findings. */
  readonly accepted: number;
  /** For each database, the number of findings hidden by the baseline, and its last old file. */
  readonly old: readonly { readonly count: number; readonly last: string }[];
}

/**
 * Checks all migration files below `root` by every rule, and the syntax of the queries. The rules see all files;
 * findings in old files are hidden.
 * @param baselineOf returns the baseline, checked against the existing files
 * @throws Error if squawk cannot be run
 */
export async function lint(
  root: string,
  accepted: readonly Accepted[],
  baselineOf: (names: FileNames) => Baseline = () => ({}),
): Promise<Report> {
  const folders = eachDatabase((name) => readFolder(path.join(root, folderOf(name))));
  const baseline = baselineOf(eachDatabase((name) => namesOf(folders[name])));
  let found: readonly Finding[] = [];
  const lines = new Map<string, readonly string[]>();
  const isOld: { readonly last: string; readonly has: (finding: Finding) => boolean }[] = [];
  let refused = false;
  for (const name of DATABASES) {
    const folder = folderOf(name);
    const { texts, refused: unread } = folders[name];
    found = [...found, ...[...unread.values()].map((error) => refusalFinding(error, folder))];
    refused ||= unread.size > 0;
    for (const [file, text] of Object.entries(texts)) {
      lines.set(`${folder}/${file}`, text.split(/\r?\n/));
    }
    const reading = await readDatabase(name, folder, texts);
    if ("findings" in reading) {
      refused = true;
      found = [...found, ...reading.findings];
      continue;
    }
    found = [
      ...found,
      ...ruleFindings(reading.database),
      ...(await squawkFindings(squawkProgram(root), reading.database)),
    ];
    const last = baseline[name];
    if (last !== undefined) {
      isOld.push({ last: `${folder}/${last}`, has: isOldFinding(reading.database, last) });
    }
  }
  const queries = await queryFindings(root);
  found = [...found, ...queries.findings];
  const verdict = applyAccepted(found, accepted, (each, finding) =>
    matchesAccepted(each, finding, lines.get(finding.file)?.[finding.line - 1] ?? ""),
  );
  const findings = sorted(verdict.findings);
  const old = isOld.map(({ last, has }) => ({ last, count: findings.filter(has).length }));
  return {
    files: lines.size + queries.files,
    findings: findings.filter((finding) => !isOld.some(({ has }) => has(finding))),
    // The rules did not check a database with a file that the runner refuses, so its entries may not be stale.
    stale: refused ? [] : verdict.stale,
    accepted: found.length - verdict.findings.length,
    old: old.filter(({ count }) => count > 0),
  };
}

function folderOf(name: DatabaseName): string {
  return `sql/${name}`;
}

function eachDatabase<T>(of: (name: DatabaseName) => T): Readonly<Record<DatabaseName, T>> {
  return { sark: of("sark"), sark_audit: of("sark_audit") };
}

/** Names of all files, including unreadable ones. */
function namesOf({ texts, refused }: FolderTexts): readonly string[] {
  return [...Object.keys(texts), ...refused.keys()].filter((name) => name !== "").sort();
}
