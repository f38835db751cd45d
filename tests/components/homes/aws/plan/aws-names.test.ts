import {
  arn,
  awsNames,
  inRegion,
  stackNameProblems,
} from "../../../../../components/homes/aws/plan/aws-names";
import { partitionOf } from "../../../../../components/homes/aws/plan/regions";
import { stackOf } from "./aws-stack";

const settings = stackOf();

it.each(["prod", "eu-west-2-prod", "p", "a".repeat(32)])("takes the stack %s", (stack) => {
  expect(stackNameProblems(settings, stack)).toEqual([]);
});

it.each(["Prod", "prod_eu", "prod.eu", "-prod", "prod-", "prod--eu", "a".repeat(33), ""])(
  'refuses the stack "%s", whose servers AWS would refuse',
  (stack) => {
    const [problem] = stackNameProblems(settings, stack);
    expect(problem).toMatchObject({ key: "the name of the stack", value: stack });
  },
);

it("takes any name where nothing is on AWS", () => {
  expect(stackNameProblems(stackOf({ aws: undefined }), "Prod_EU")).toEqual([]);
});

it("writes ARNs of the region's own partition", () => {
  if (!settings.aws) throw new Error("the settings have nothing on AWS");
  const names = awsNames(settings.aws, "prod");
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
