import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { RdsSpec } from "../../plan/rds-stack";

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** AWS takes no shorter one. */
const SHORTEST = 30;
/** AWS Backup starts no snapshot in the hour before a window of RDS, and may take the next to begin. */
const APART = 60;

/** A span of time that comes back each day or week; in minutes, UTC. */
export interface Window {
  /** From midnight, or from Monday's. */
  readonly start: number;
  /** 0 where it begins and ends at the same time, which is no span. */
  readonly length: number;
  /** After how many minutes it comes back. */
  readonly every: number;
}

/** `01:00-02:00`, each day; one that ends before it begins goes past midnight. */
export function dailyWindow(text: string): Window {
  return windowOf(text, DAY, ([hours = "", minutes = ""]) => Number(hours) * 60 + Number(minutes));
}

/** `sun:03:00-sun:04:00`, each week; one that ends before it begins goes past Sunday's midnight. */
export function weeklyWindow(text: string): Window {
  return windowOf(
    text,
    WEEK,
    ([day = "", hours = "", minutes = ""]) =>
      DAYS.findIndex((each) => each === day) * DAY + Number(hours) * 60 + Number(minutes),
  );
}

/** Whether two windows ever have a minute in common; one may begin in the minute in which the other ends. */
export function overlap(one: Window, other: Window): boolean {
  return occurrences(one).some((a) =>
    occurrences(other).some(
      // The week goes round: what passes its end is at its beginning as well.
      (b) => [-WEEK, 0, WEEK].some((turn) => a.start < b.end + turn && b.start + turn < a.end),
    ),
  );
}

/** Windows that AWS refuses: too short, or one in the other. */
export function windowProblems({ rds }: RdsSpec): readonly Problem[] {
  const { backupWindow, maintenanceWindow } = rds;
  const backup = dailyWindow(backupWindow);
  const maintenance = weeklyWindow(maintenanceWindow);
  const key = (name: string) => settingKey(["sark", "rds", name]);
  const short = [
    ...tooShort(key("backupWindow"), backupWindow, backup),
    ...tooShort(key("maintenanceWindow"), maintenanceWindow, maintenance),
  ];
  if (short.length > 0 || !overlap(backup, maintenance)) return short;
  return [
    {
      key: key("maintenanceWindow"),
      value: maintenanceWindow,
      allowed: `a time apart from backupWindow, ${backupWindow} of each day`,
      why: "RDS takes no snapshot of a server that it restarts, and AWS refuses the two together",
    },
  ];
}

/**
 * When AWS Backup begins its daily snapshot, as its cron expression in UTC: the first half hour after RDS has taken its
 * own that is apart from both windows of RDS, on every day of the week, and from the hour before them.
 */
export function backupPlanStart({ rds }: RdsSpec): string {
  const backup = dailyWindow(rds.backupWindow);
  const maintenance = weeklyWindow(rds.maintenanceWindow);
  const first = Math.ceil((backup.start + backup.length) / SHORTEST) * SHORTEST;
  const starts = Array.from(
    { length: DAY / SHORTEST },
    (_, step) => (first + step * SHORTEST) % DAY,
  );
  const free = starts.find((start) => {
    const begins = { start, length: 2 * APART, every: DAY };
    return !overlap(begins, backup) && !overlap(begins, maintenance);
  });
  // Windows that leave no two hours free are of a person who wants it so; RDS's own snapshot then waits.
  const start = free ?? first % DAY;
  return `cron(${start % 60} ${Math.floor(start / 60)} ? * * *)`;
}

function tooShort(key: string, value: string, { length }: Window): readonly Problem[] {
  if (length >= SHORTEST) return [];
  return [
    {
      key,
      value: `${value}, ${length} minutes`,
      allowed: `at least ${SHORTEST} minutes`,
      why: "AWS takes no shorter window: what is begun in one has to have the time",
    },
  ];
}

function windowOf(
  text: string,
  every: number,
  minutesOf: (parts: readonly string[]) => number,
): Window {
  const [start = 0, end = 0] = text.split("-").map((time) => minutesOf(time.split(":")));
  return { start, length: (end - start + every) % every, every };
}

/** Every time that a window comes in a week. */
function occurrences({ start, length, every }: Window): readonly { start: number; end: number }[] {
  return Array.from({ length: WEEK / every }, (_, turn) => {
    const begin = start + turn * every;
    return { start: begin, end: begin + length };
  });
}
