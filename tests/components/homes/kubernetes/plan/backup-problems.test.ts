import { scheduleWarnings } from "../../../../../components/homes/kubernetes/plan/backup-problems";
import { refuses, stackOf } from "./kubernetes-stack";

const sark = (change: object) => ({ sark: change });
const recovery = (change: object) => sark({ recovery: { generation: 3, ...change } });
const noBucket = { backups: { bucket: undefined } };

refuses([
  [
    "a protected stack without backups",
    noBucket,
    "backups.bucket: got nothing",
    "a bucket, or protection turned off",
  ],
  [
    "a bucket retention shorter than the backups'",
    { backups: { retentionDays: 14, bucket: { path: "s3://sark-backups", retentionDays: 10 } } },
    "backups.bucket.retentionDays: got 10",
    "at least 16, or a shorter backups.retentionDays",
    "restoring any point of the last 14 days needs an older base backup",
  ],
  [
    "a bucket retention too short for monthly backups",
    {
      backups: {
        retentionDays: 30,
        schedule: "0 0  2 1 * *",
        bucket: { path: "s3://sark-backups", retentionDays: 61 },
      },
    },
    "backups.bucket.retentionDays: got 61",
    "at least 62",
    "needs an older base backup",
  ],
  [
    "a role beside keys",
    { backups: { bucket: { path: "s3://sark-backups", access: "keys", role: "writer" } } },
    "backups.bucket.role: got writer",
    "unset when access is keys",
  ],
  [
    "a region that Amazon does not have",
    { backups: { bucket: { path: "s3://sark-backups", region: "eu-centrall-1" } } },
    "backups.bucket.region: got eu-centrall-1",
    "a region such as eu-central-1, or backups.bucket.endpoint set to other storage",
    "Amazon rejects requests",
  ],
  [
    "volume snapshots without an archive of WAL",
    { kubernetes: { snapshots: { class: "fast" } }, protection: false, ...noBucket },
    "kubernetes.snapshots: got class fast",
    "unset, or backups.bucket set",
  ],
  [
    "a recovery without a backup",
    { ...recovery({}), protection: false, ...noBucket },
    "sark.recovery: got generation 3",
    "unset, or backups.bucket set",
  ],
  [
    "a recovery from itself",
    recovery({ from: 3 }),
    "sark.recovery.from: got 3",
    "less than generation (3)",
  ],
  [
    "old names for future generations",
    recovery({ oldNames: 4 }),
    "sark.recovery.oldNames: got 4",
    "at most generation (3)",
  ],
  [
    "a recovery to the future",
    recovery({ time: "2026-06-01T14:00:01+02:00" }),
    "sark.recovery.time: got 2026-06-01T14:00:01+02:00",
    "a time in the past",
  ],
]);

it.each([
  ["*/5 * * * * *", true],
  ["0 2 * * * *", true],
  ["0 0 2,14 * * *", true],
  ["0,30 0 2 31 * *", true],
  ["0 0 2/22 * * *", false],
  ["0 0 2 * * *", false],
  ["0 30 23 1,2 * *", false],
  ["0 0 2 29 2 *", false],
])("settings check warns of several base backups a day: %s, %p", (schedule, warned) => {
  const bucket = { path: "s3://sark-backups", retentionDays: 1000 };
  const warnings = scheduleWarnings(stackOf({ backups: { schedule, bucket } }).backups);
  expect(warnings).toEqual(warned ? [expect.stringContaining(`is "${schedule}", which`)] : []);
});

it("settings check refuses volume snapshots without a class", () => {
  expect(() => stackOf({ kubernetes: { snapshots: {} } })).toThrow(
    /kubernetes\.snapshots\.class: got nothing; allowed: the name of a VolumeSnapshotClass/,
  );
});
