import { refuses } from "./stack";

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
    "backups that the bucket deletes too early",
    { backups: { retentionDays: 14, bucket: { path: "s3://sark-backups", retentionDays: 10 } } },
    "backups.retentionDays: got 14",
    "at most 10, as backups.bucket.retentionDays says",
    "the bucket itself would delete",
  ],
  [
    "a role beside keys",
    { backups: { bucket: { path: "s3://sark-backups", access: "keys", role: "writer" } } },
    "backups.bucket.role: got writer",
    "nothing, with access by keys",
  ],
  [
    "a recovery without a backup",
    { ...recovery({}), protection: false, ...noBucket },
    "sark.recovery: got generation 3",
    "nothing without backups.bucket",
  ],
  [
    "a recovery from itself",
    recovery({ from: 3 }),
    "sark.recovery.from: got 3",
    "less than generation, 3",
  ],
  [
    "a recovery to the future",
    recovery({ time: "2026-06-01T14:00:01+02:00" }),
    "sark.recovery.time: got 2026-06-01T14:00:01+02:00",
    "a time that has passed",
  ],
]);
