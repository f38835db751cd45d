import fc from "fast-check";
import {
  backupPlanStart,
  dailyWindow,
  overlap,
  weeklyWindow,
} from "../../../../../../components/homes/aws/database/plan/windows";
import { type Changes, problemsOf, stackOf } from "../../plan/aws-stack";

const windows = (backupWindow: string, maintenanceWindow: string): Changes => ({
  sark: { rds: { backupWindow, maintenanceWindow } },
});

describe("an RDS window", () => {
  it("is parsed into minutes", () => {
    expect(dailyWindow("01:30-02:00")).toEqual({ start: 90, length: 30, every: 1440 });
    expect(weeklyWindow("tue:00:10-tue:01:00")).toEqual({ start: 1450, length: 50, every: 10_080 });
  });

  it("may pass midnight and the end of the week", () => {
    expect(dailyWindow("23:45-00:30").length).toBe(45);
    expect(weeklyWindow("sun:23:45-mon:00:30")).toMatchObject({ start: 10_065, length: 45 });
  });
});

describe("two RDS windows", () => {
  it.each([
    ["01:00-02:00", "sun:03:00-sun:04:00", false],
    ["01:00-02:00", "sun:01:30-sun:02:30", true],
    // One begins as the other ends.
    ["01:00-02:00", "sun:02:00-sun:03:00", false],
    ["02:00-03:00", "wed:01:00-wed:02:00", false],
    ["01:00-02:00", "wed:01:59-wed:03:00", true],
    // past midnight, into the next day and out of the day before
    ["23:30-00:30", "wed:00:00-wed:01:00", true],
    ["23:30-00:30", "wed:00:30-wed:01:30", false],
    ["00:00-01:00", "tue:23:30-wed:00:30", true],
    // past the end of the week
    ["00:15-01:00", "sun:23:30-mon:00:30", true],
    ["00:30-01:00", "sun:23:30-mon:00:30", false],
    ["23:30-00:30", "mon:00:00-mon:01:00", true],
    // a maintenance window of several days contains every backup window
    ["12:00-12:30", "mon:00:00-wed:00:00", true],
  ])("%s and %s overlap: %s", (backup, maintenance, expected) => {
    expect(overlap(dailyWindow(backup), weeklyWindow(maintenance))).toBe(expected);
    expect(overlap(weeklyWindow(maintenance), dailyWindow(backup))).toBe(expected);
  });

  it("overlap exactly when they share a minute of the week", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const inside = ({ start, length, every }: ReturnType<typeof dailyWindow>, at: number) =>
      (((at - start) % every) + every) % every < length;
    fc.assert(
      fc.property(
        fc.record({ start: minute, length: fc.integer({ min: 30, max: 300 }) }),
        fc.record({
          start: fc.integer({ min: 0, max: 10_079 }),
          length: fc.integer({ min: 30, max: 2000 }),
        }),
        (daily, weekly) => {
          const one = { ...daily, every: 1440 };
          const other = { ...weekly, every: 10_080 };
          const shared = Array.from({ length: 10_080 }, (_, at) => at).some(
            (at) => inside(one, at) && inside(other, at),
          );
          expect(overlap(one, other)).toBe(shared);
        },
      ),
      { numRuns: 100 },
    );
  });
});

it.each([
  [
    "a backup window under 30 minutes",
    windows("01:00-01:29", "sun:03:00-sun:04:00"),
    ["backupWindow", "29 minutes", "at least 30"],
  ],
  [
    "a maintenance window under 30 minutes",
    windows("01:00-02:00", "sun:03:00-sun:03:29"),
    ["maintenanceWindow", "29 minutes"],
  ],
  [
    "a window without a length",
    windows("01:00-01:00", "sun:03:00-sun:04:00"),
    ["01:00-01:00, 0 minutes"],
  ],
  [
    "windows that overlap",
    windows("01:00-02:00", "sun:01:30-sun:02:30"),
    [
      "maintenanceWindow: got sun:01:30-sun:02:30",
      "apart from backupWindow (daily 01:00-02:00)",
      "AWS refuses",
    ],
  ],
])("RDS window settings refuse %s", (_, changes, parts) => {
  const [problem, ...others] = problemsOf(changes);
  expect(others).toEqual([]);
  for (const part of parts) expect(problem).toContain(part);
});

describe("start of the AWS Backup plan", () => {
  const start = (backup: string, maintenance: string) =>
    backupPlanStart(stackOf(windows(backup, maintenance)).sark);

  it.each([
    // It waits for the end of the maintenance window on Sunday.
    ["01:00-02:00", "sun:03:00-sun:04:00", "cron(0 4 ? * * *)"],
    ["01:00-02:00", "sun:12:00-sun:13:00", "cron(0 2 ? * * *)"],
    ["01:00-02:10", "sun:12:00-sun:13:00", "cron(30 2 ? * * *)"],
    ["23:00-00:30", "sun:12:00-sun:13:00", "cron(30 0 ? * * *)"],
  ])("with %s and %s is %s", (backup, maintenance, cron) => {
    expect(start(backup, maintenance)).toBe(cron);
  });

  it("is clear of both windows and the hour before them", () => {
    const time = fc.integer({ min: 0, max: 47 }).map((half) => half * 30);
    const text = (minutes: number) =>
      `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
    fc.assert(
      fc.property(time, time, fc.constantFrom("mon", "thu", "sun"), (backup, maintenance, day) => {
        const daily = `${text(backup)}-${text(backup + 60)}`;
        const next = { mon: "tue", thu: "fri", sun: "mon" }[day];
        const end = maintenance + 60 < 1440 ? day : next;
        const weekly = `${day}:${text(maintenance)}-${end}:${text(maintenance + 60)}`;
        const [, minute, hour] =
          /^cron\((\d+) (\d+) \? \* \* \*\)$/.exec(start(daily, weekly)) ?? [];
        const begin = Number(hour) * 60 + Number(minute);
        for (const window of [backup, maintenance]) {
          // Minutes from the start until the window begins, and since it ended.
          expect((window - begin + 1440) % 1440).toBeGreaterThan(60);
          expect((begin - window - 60 + 1440) % 1440).toBeLessThan(1440 - 60);
        }
      }),
      { numRuns: 60 },
    );
  });
});
