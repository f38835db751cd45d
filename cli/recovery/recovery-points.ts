/** The points in time to which a database can be restored. */
export interface RecoveryPoints {
  /** Unset if nothing can be restored yet. */
  readonly oldest?: Date;
  readonly newest?: Date;
  /** Whether later points may exist, because nobody could ask the server. @default false */
  readonly open?: boolean;
  /** Gaps in between, a clause each. */
  readonly gaps: readonly string[];
  /** Where they come from, such as `the archive s3://bucket/sark`. */
  readonly source: string;
}

/** A time in UTC, to the second. */
export function timeText(time: Date): string {
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

/** What can be restored, in lines. */
export function pointLines({
  oldest,
  newest,
  open,
  gaps,
  source,
}: RecoveryPoints): readonly string[] {
  if (!oldest || !newest) return [`Nothing can be restored from ${source} yet.`];
  return [
    `Restorable from ${source}:`,
    `  oldest ${timeText(oldest)}`,
    `  newest ${timeText(newest)}${open ? ", or later" : ""}`,
    ...gaps.map((gap) => `  gap    ${gap}`),
  ];
}

/** Why a text is no point in time that has passed; undefined if it is one. */
export function timeFault(text: string, now: Date): string | undefined {
  if (!/(?:Z|[+-]\d\d:?\d\d)$/.test(text.trim())) {
    return `--to ${text} has no time zone; add one, such as ${text.trim()}Z for UTC`;
  }
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return `--to ${text} is not a time; write 2026-03-01T10:00:00Z`;
  return time > now ? `--to ${text} is in the future` : undefined;
}

/** Why a time cannot be restored; undefined if it can. */
export function timeProblem(text: string, points: RecoveryPoints, now: Date): string | undefined {
  const fault = timeFault(text, now);
  if (fault !== undefined) return fault;
  const { oldest, newest, open } = points;
  if (!oldest || !newest) return `nothing can be restored from ${points.source} yet`;
  const time = new Date(text);
  if (time < oldest) return `--to ${text} is before the oldest backup (${timeText(oldest)})`;
  if (time > newest && !open) {
    return `--to ${text} is after the newest WAL in the archive (${timeText(newest)})`;
  }
  return undefined;
}
