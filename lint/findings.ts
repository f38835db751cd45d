import { printable } from "../components/text/printable";

/** What a rule objects to. */
export interface Finding {
  /** From the root of the repository: `sql/sark/000007_some_words.sql`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The rule's name; squawk's rules are `squawk/...`. */
  readonly rule: string;
  /** A sentence that says what to do. */
  readonly text: string;
}

/** A finding that stays, for a reason: a file that was applied is never edited. */
export interface Accepted {
  readonly rule: string;
  readonly file: string;
  /** The text of the line, so that the same mistake on another line is found. */
  readonly source: RegExp;
  readonly reason: string;
}

/** @param line the text of the line that the finding names */
export function covers({ rule, file, source }: Accepted, finding: Finding, line: string): boolean {
  return rule === finding.rule && file === finding.file && source.test(line);
}

/**
 * Findings that nobody has accepted, and accepted ones that are not found any more.
 * @param isAbout whether the accepted one is about the finding
 */
export function judge<F, A>(
  findings: readonly F[],
  accepted: readonly A[],
  isAbout: (accepted: A, finding: F) => boolean,
): { readonly findings: readonly F[]; readonly stale: readonly A[] } {
  return {
    findings: findings.filter((finding) => !accepted.some((each) => isAbout(each, finding))),
    stale: accepted.filter((each) => !findings.some((finding) => isAbout(each, finding))),
  };
}

/** In the order of files and lines, each once. */
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
