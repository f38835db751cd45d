import { problemsOf } from "../../plan/aws-stack";

const bucket = (changes: object, more: object = {}) => ({ backups: { bucket: changes, ...more } });

it.each([
  [
    "a bucket name too long for the copy's suffix",
    bucket({ path: `s3://${"b".repeat(54)}` }),
    ["backups.bucket.path", "53 characters", "with suffixes"],
  ],
  [
    "a bucket name with a dot",
    bucket({ path: "s3://sark.backups/prod" }),
    ["backups.bucket.path", "s3://sark.backups/prod", "certificate"],
  ],
  [
    "a bucket retention too short for the base backup of the earliest point in time",
    bucket({ retentionDays: 31 }),
    ["backups.bucket.retentionDays", "31", "at least 32", "0 0 2 * * *"],
  ],
  [
    "a bucket retention too short for weekly base backups",
    bucket({ retentionDays: 37 }, { schedule: "0 0 2 * * 0" }),
    ["backups.bucket.retentionDays", "37", "at least 38"],
  ],
  [
    "roles for a managed bucket, which has its own",
    bucket({ roles: { "sark-audit": "arn:aws:iam::111122223333:role/mine" } }),
    ["backups.bucket.roles", "sark-audit", "nothing, with managed"],
  ],
])("bucket settings refuse %s", (_, changes, parts) => {
  const [problem, ...others] = problemsOf(changes);
  expect(others).toEqual([]);
  for (const part of parts) expect(problem).toContain(part);
});

it.each([
  ["the longest allowed name", bucket({ path: `s3://${"b".repeat(53)}/prod.d` })],
  ["the minimum retention", bucket({ retentionDays: 32 })],
  ["no retention", bucket({})],
  [
    "roles and a dotted name for an unmanaged bucket",
    bucket({ managed: false, path: "s3://a.b", roles: { sark: "mine" }, retentionDays: 32 }),
  ],
])("bucket settings accept %s", (_, changes) => {
  expect(problemsOf(changes)).toEqual([]);
});
