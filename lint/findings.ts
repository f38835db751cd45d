import { printable } from "../components/text/printable";

/** A problem that a rule reports. */
export interface Finding {
  /** From the root of the repository: `sql/sark/000007_some_words.sql`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The rule's name; squawk's rules are `squawk/...`. */
  readonly rule: string;
  /** The remedy, as a sentence. */
  readonly text: string;
}

/** An accepted finding and its reason: applied files are never edited, so some findings must stay. */
export interface Accepted {
  readonly rule: string;
  readonly file: string;
  /** Matches the text of the line, so that the same fault on another line is still reported. */
  readonly source: RegExp;
  readonly reason: string;
}

/** @param line the text of the line that the finding names */
export function matchesAccepted(
  { rule, file, source }: Accepted,
  finding: Finding,
  line: string,
): boolean {
  return rule === finding.rule && file === finding.file && source.test(line);
}

/**
 * Findings without an accepted entry, and stale entries: those that match no finding.
 * @param isAbout whether the accepted entry matches the finding
 */
export function applyAccepted<F, A>(
  findings: readonly F[],
  accepted: readonly A[],
  isAbout: (accepted: A, finding: F) => boolean,
): { readonly findings: readonly F[]; readonly stale: readonly A[] } {
  return {
    findings: findings.filter((finding) => !accepted.some((each) => isAbout(each, finding))),
    stale: accepted.filter((each) => !findings.some((finding) => isAbout(each, finding))),
  };
}

/** Sorts findings by file and line, and removes duplicates. */
export function sorted(findings: readonly Finding[]): readonly Finding[] {
  const lines = new Map(findings.map((each) => [formatFinding(each), each]));
  return [...lines.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.rule, b.rule),
  );
}

export function formatFinding({ file, line, rule, text }: Finding): string {
  return printable(`${file}:${line}: ${rule}: ${text}`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
