import { problemsOf } from "../../plan/aws-stack";

const bucket = (changes: object, more: object = {}) => ({ backups: { bucket: changes, ...more } });

it.each([
  [
    "a bucket with a name that leaves no room for its copy's",
    bucket({ path: `s3://${"b".repeat(54)}` }),
    ["backups.bucket.path", "53 characters", "made from it"],
  ],
  [
    "a bucket with a dot in its name",
    bucket({ path: "s3://sark.backups/prod" }),
    ["backups.bucket.path", "s3://sark.backups/prod", "certificate"],
  ],
  [
    "a bucket that deletes the base backup of the earliest point in time",
    bucket({ retentionDays: 31 }),
    ["backups.bucket.retentionDays", "31", "at least 32", "0 0 2 * * *"],
  ],
  [
    "a bucket that does so with a base backup a week",
    bucket({ retentionDays: 37 }, { schedule: "0 0 2 * * 0" }),
    ["backups.bucket.retentionDays", "37", "at least 38"],
  ],
  [
    "roles for a bucket that has roles of its own",
    bucket({ roles: { "sark-audit": "arn:aws:iam::111122223333:role/mine" } }),
    ["backups.bucket.roles", "sark-audit", "nothing, with managed"],
  ],
])("refuses %s", (_, changes, parts) => {
  const [problem, ...others] = problemsOf(changes);
  expect(others).toEqual([]);
  for (const part of parts) expect(problem).toContain(part);
});

it.each([
  ["the longest name", bucket({ path: `s3://${"b".repeat(53)}/prod.d` })],
  ["just the days", bucket({ retentionDays: 32 })],
  ["none of its own", bucket({})],
  [
    "another's bucket by its roles and name",
    bucket({ managed: false, path: "s3://a.b", roles: { sark: "mine" }, retentionDays: 32 }),
  ],
])("takes %s", (_, changes) => {
  expect(problemsOf(changes)).toEqual([]);
});
