import {
  pointLines,
  timeProblem,
  type RecoveryPoints,
} from "../../../cli/recovery/recovery-points";

const POINTS: RecoveryPoints = {
  oldest: new Date("2026-03-01T02:00:00Z"),
  newest: new Date("2026-03-03T12:00:00Z"),
  gaps: ["the WAL between 01 and 03 is missing"],
  source: "the archive",
};
const NOW = new Date("2026-03-03T12:03:00Z");

it("pointLines shows the oldest and newest point, and the gaps", () => {
  expect(pointLines(POINTS)).toEqual([
    "Restorable from the archive:",
    "  oldest 2026-03-01 02:00:00 UTC",
    "  newest 2026-03-03 12:00:00 UTC",
    "  gap    the WAL between 01 and 03 is missing",
  ]);
  expect(pointLines({ gaps: [], source: "the archive" })).toEqual([
    "Nothing can be restored from the archive yet.",
  ]);
});

it.each([
  ["2026-03-03T11:00:00Z", undefined],
  ["2026-03-03 12:00:00+01:00", undefined],
  ["2026-03-03T11:00:00", "has no time zone; add one, such as 2026-03-03T11:00:00Z for UTC"],
  ["yesterday Z", "is not a time; write 2026-03-01T10:00:00Z"],
  ["2026-03-03T12:10:00Z", "is in the future"],
  ["2026-03-01T01:59:59Z", "is before the oldest backup (2026-03-01 02:00:00 UTC)"],
  ["2026-03-03T12:01:00Z", "is after the newest WAL in the archive (2026-03-03 12:00:00 UTC)"],
])("timeProblem of %s is %s", (text, problem) => {
  expect(timeProblem(text, POINTS, NOW)).toBe(problem && `--to ${text} ${problem}`);
});
