/** The report of a restore drill, or of a recovery: for a manager to read, and for `public.backup_runs`. */
import { codeSpan } from "../../text/markdown";
import { printable } from "../../text/printable";
import type { CheckResult } from "./check-result";

export interface Drill {
  readonly stack: string;
  readonly database: string;
  /** What was restored, such as `base backup of 2026-03-01T02:00:00Z, with WAL`. */
  readonly source: string;
  /** The time that was restored to, ISO 8601 in UTC; undefined for everything that there was. */
  readonly target: string | undefined;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Seconds that a restore may take. Undefined without a promise. */
  readonly recoveryTime: number | undefined;
  /** Empty if the restore failed before its checks. */
  readonly checks: readonly CheckResult[];
  /** Why the restore failed before its checks. */
  readonly failure?: string;
  /** What a recovery like this would lose, a sentence. */
  readonly lost: string;
}

/** A row of `public.backup_runs`. */
export interface BackupRun {
  readonly kind: "base backup" | "dump" | "restore drill";
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly succeeded: boolean;
  readonly bytes?: number;
  readonly targetTime?: string;
  readonly report: Readonly<Record<string, unknown>>;
}

/** Whether everything was restored as it should be, and in time. */
export function drillSucceeded(drill: Drill): boolean {
  return (
    drill.failure === undefined &&
    drill.checks.length > 0 &&
    drill.checks.every(({ passed }) => passed) &&
    isInTime(drill)
  );
}

/** The report as plain text, one line each. */
export function drillReport(drill: Drill): readonly string[] {
  const width = Math.max(...drill.checks.map(({ name }) => name.length), 0);
  return [
    headline(drill),
    ...facts(drill).map(([name, text]) => `  ${name.padEnd(9)} ${printable(text)}`),
    ...drill.checks.map(
      ({ name, passed, detail }) =>
        `  ${passed ? "passed" : "FAILED"}    ${name.padEnd(width)}  ${printable(detail)}`,
    ),
  ];
}

/** The report as Markdown. */
export function drillMarkdown(drill: Drill): readonly string[] {
  const cell = (text: string) => printable(text).replaceAll("|", "\\|");
  return [
    `## ${headline(drill)}`,
    "",
    ...facts(drill).map(([name, text]) => `- **${name}**: ${printable(text)}`),
    ...(drill.checks.length === 0
      ? []
      : ["", "| check | result | detail |", "| --- | --- | --- |"]),
    ...drill.checks.map(
      ({ name, passed, detail }) =>
        `| ${codeSpan(name)} | ${passed ? "passed" : "**failed**"} | ${cell(detail)} |`,
    ),
  ];
}

/** The row that records the drill. */
export function drillRun(drill: Drill): BackupRun {
  const { startedAt, finishedAt, target, source, checks, failure, lost } = drill;
  return {
    kind: "restore drill",
    startedAt,
    finishedAt,
    succeeded: drillSucceeded(drill),
    ...(target === undefined ? {} : { targetTime: target }),
    report: { source, checks, lost, ...(failure === undefined ? {} : { failure }) },
  };
}

function headline(drill: Drill): string {
  const result = drillSucceeded(drill) ? "succeeded" : "FAILED";
  return `Restore of ${drill.database}, stack ${drill.stack}: ${result}`;
}

function facts(drill: Drill): readonly (readonly [string, string])[] {
  const { source, target, failure, lost } = drill;
  return [
    ["restored", source],
    ["to", target ?? "everything that it holds"],
    ["took", duration(drill)],
    ...(failure === undefined ? [] : [["failed", failure] as const]),
    ["lost", lost],
  ];
}

function seconds({ startedAt, finishedAt }: Drill): number {
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}

function isInTime(drill: Drill): boolean {
  return drill.recoveryTime === undefined || seconds(drill) <= drill.recoveryTime;
}

function duration(drill: Drill): string {
  const took = spoken(seconds(drill));
  if (drill.recoveryTime === undefined) return took;
  const promise = spoken(drill.recoveryTime);
  return isInTime(drill)
    ? `${took}, within the promised ${promise}`
    : `${took}, longer than the promised ${promise}`;
}

/** Seconds as `42 s`, `3 min 5 s` or `2 h 10 min`. */
function spoken(total: number): string {
  const rounded = Math.round(total);
  const [hours, minutes, rest] = [
    Math.floor(rounded / 3600),
    Math.floor((rounded % 3600) / 60),
    rounded % 60,
  ];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}
