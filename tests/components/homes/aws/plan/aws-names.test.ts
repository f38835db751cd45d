import {
  arn,
  awsNames,
  inRegion,
  stackNameProblems,
} from "../../../../../components/homes/aws/plan/aws-names";
import { combinedProblems } from "../../../../../components/settings/settings";
import { partitionOf } from "../../../../../components/homes/aws/plan/regions";
import { type Changes, stackOf } from "./aws-stack";

it.each(["prod", "eu-west-2-prod", "p", "a".repeat(32)])(
  "settings accept the stack name %s on AWS",
  (stack) => {
    expect(stackNameProblems(stack)).toEqual([]);
  },
);

it.each(["Prod", "prod_eu", "prod.eu", "-prod", "prod-", "prod--eu", "a".repeat(33), ""])(
  'settings refuse the stack name "%s", which AWS would refuse for servers',
  (stack) => {
    const [problem] = stackNameProblems(stack);
    expect(problem).toMatchObject({ key: "the name of the stack", value: stack });
  },
);

it("settings accept any stack name without AWS", () => {
  const keysOf = (changes: Changes) =>
    combinedProblems(stackOf(changes), "Prod_EU").map(({ key }) => key);
  expect(keysOf({})).toContain("the name of the stack");
  expect(keysOf({ aws: undefined })).not.toContain("the name of the stack");
});

it("arn uses the partition of the region", () => {
  const names = awsNames({ account: "111122223333", region: "eu-central-1" }, "prod");
  expect(arn(names, "rds", "db:sark-prod")).toBe(
    "arn:aws:rds:eu-central-1:111122223333:db:sark-prod",
  );
  expect(arn(names, "s3", "bucket/*")).toBe("arn:aws:s3:::bucket/*");
  expect(arn(names, "iam", "role/r")).toBe("arn:aws:iam::111122223333:role/r");
  expect(arn(inRegion(names, "eu-west-1"), "kms", "key/k")).toBe(
    "arn:aws:kms:eu-west-1:111122223333:key/k",
  );
  expect(["eu-west-1", "us-gov-west-1", "cn-north-1"].map(partitionOf)).toEqual([
    "aws",
    "aws-us-gov",
    "aws-cn",
  ]);
});
