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

/** Findings that nobody has accepted, and accepted ones that no rule has any more. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly stale: readonly Accepted[];
}

/** @param lineOf the text of the line that a finding names */
export function judge(
  findings: readonly Finding[],
  accepted: readonly Accepted[],
  lineOf: (finding: Finding) => string,
): Verdict {
  const covers = (each: Accepted, finding: Finding) =>
    each.rule === finding.rule && each.file === finding.file && each.source.test(lineOf(finding));
  return {
    findings: findings.filter((finding) => !accepted.some((each) => covers(each, finding))),
    stale: accepted.filter((each) => !findings.some((finding) => covers(each, finding))),
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
