import {
  type Drill,
  drillMarkdown,
  drillReport,
  drillRun,
} from "../../../components/backups/plan/drill-report";

const DRILL: Drill = {
  stack: "prod",
  database: "sark",
  source: "base backup of 2026-03-01T02:00:00Z, with WAL",
  target: "2026-03-01T12:00:00Z",
  startedAt: "2026-03-01T13:00:00Z",
  finishedAt: "2026-03-01T13:03:05Z",
  recoveryTime: 3600,
  checks: [
    { name: "rows", passed: true, detail: "9 tables with 120 rows" },
    { name: "newest row", passed: true, detail: "of 2026-03-01T11:59:58Z" },
  ],
  lost: "Changes after 2026-03-01T12:00:00Z.",
};

test("a drill report says what was restored, to when, how long it took, each check, and what is lost", () => {
  expect(drillReport(DRILL)).toEqual([
    "Restore of sark, stack prod: succeeded",
    "  restored  base backup of 2026-03-01T02:00:00Z, with WAL",
    "  to        2026-03-01T12:00:00Z",
    "  took      3 min 5 s, within the promised 1 h",
    "  lost      Changes after 2026-03-01T12:00:00Z.",
    "  passed    rows        9 tables with 120 rows",
    "  passed    newest row  of 2026-03-01T11:59:58Z",
  ]);
  expect(drillRun(DRILL)).toMatchObject({ succeeded: true, targetTime: DRILL.target });
});

test.each([
  [
    "a failed check",
    { checks: [{ name: "rows", passed: false, detail: "2 of 5 | rows\nmissing" }] },
  ],
  ["no check", { checks: [] }],
  ["a restore that failed", { checks: [], failure: "no space left on device" }],
  ["a restore that took longer than promised", { recoveryTime: 60 }],
])("a drill with %s failed", (_, part) => {
  const drill = { ...DRILL, ...part };
  expect(drillReport(drill)[0]).toBe("Restore of sark, stack prod: FAILED");
  expect(drillRun(drill).succeeded).toBe(false);
});

test("the Markdown of a report keeps a detail in its cell, and external text on its line", () => {
  const detail = "2 of 5 | rows\nmissing";
  const lines = drillMarkdown({ ...DRILL, checks: [{ name: "rows", passed: false, detail }] });
  expect(lines.at(-1)).toBe(String.raw`| ${"`rows`"} | **failed** | 2 of 5 \| rows\nmissing |`);
});
