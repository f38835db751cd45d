import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { RdsSpec } from "../../plan/rds-stack";

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Shortest window that AWS accepts, in minutes. */
const SHORTEST_WINDOW = 30;
/** Minutes. AWS Backup starts no snapshot in the hour before an RDS window, and may take an hour to start one. */
const MARGIN = 60;

/** A time window that repeats daily or weekly, in minutes, UTC. */
export interface Window {
  /** Minutes since midnight, or since Monday's midnight. */
  readonly start: number;
  /** 0 if it begins and ends at the same time. */
  readonly length: number;
  /** Minutes after which it repeats. */
  readonly every: number;
}

/** Parses a daily window, `01:00-02:00`. One that ends before it begins goes past midnight. */
export function dailyWindow(text: string): Window {
  return windowOf(text, DAY, ([hours = "", minutes = ""]) => Number(hours) * 60 + Number(minutes));
}

/** Parses a weekly window, `sun:03:00-sun:04:00`. One that ends before it begins goes past Sunday's midnight. */
export function weeklyWindow(text: string): Window {
  return windowOf(
    text,
    WEEK,
    ([day = "", hours = "", minutes = ""]) =>
      DAYS.findIndex((each) => each === day) * DAY + Number(hours) * 60 + Number(minutes),
  );
}

/** Whether two windows ever share a minute. One may begin in the minute in which the other ends. */
export function overlap(one: Window, other: Window): boolean {
  return occurrences(one).some((a) =>
    occurrences(other).some(
      // A window past the end of the week continues at its beginning.
      (b) => [-WEEK, 0, WEEK].some((turn) => a.start < b.end + turn && b.start + turn < a.end),
    ),
  );
}

/** Problems of windows that AWS refuses: too short, or overlapping. */
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
      allowed: `a time apart from backupWindow (daily ${backupWindow})`,
      why: "AWS refuses overlapping windows, as RDS cannot take a snapshot during a restart",
    },
  ];
}

/**
 * Start of AWS Backup's daily snapshot, as an AWS cron expression in UTC: the first half hour after RDS's own snapshot
 * that is clear of both RDS windows, and of the hour before them, on every day of the week.
 */
export function backupPlanStart({ rds }: RdsSpec): string {
  const backup = dailyWindow(rds.backupWindow);
  const maintenance = weeklyWindow(rds.maintenanceWindow);
  const first = Math.ceil((backup.start + backup.length) / SHORTEST_WINDOW) * SHORTEST_WINDOW;
  const starts = Array.from(
    { length: DAY / SHORTEST_WINDOW },
    (_, step) => (first + step * SHORTEST_WINDOW) % DAY,
  );
  const free = starts.find((start) => {
    const begins = { start, length: 2 * MARGIN, every: DAY };
    return !overlap(begins, backup) && !overlap(begins, maintenance);
  });
  // If the windows leave no two hours free, the snapshots may collide, and RDS's own then waits.
  const start = free ?? first % DAY;
  return `cron(${start % 60} ${Math.floor(start / 60)} ? * * *)`;
}

function tooShort(key: string, value: string, { length }: Window): readonly Problem[] {
  if (length >= SHORTEST_WINDOW) return [];
  return [
    {
      key,
      value: `${value}, ${length} minutes`,
      allowed: `at least ${SHORTEST_WINDOW} minutes`,
      why: "AWS accepts no shorter window",
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
