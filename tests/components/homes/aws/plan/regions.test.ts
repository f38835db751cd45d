import { isRegion, partitionOf } from "../../../../../components/homes/aws/plan/regions";

it("partitionOf returns the partition of a region", () => {
  expect(["eu-west-1", "us-gov-west-1", "cn-north-1"].map(partitionOf)).toEqual([
    "aws",
    "aws-us-gov",
    "aws-cn",
  ]);
});

it("isRegion rejects names that are not regions", () => {
  expect(["eu-central-9", "aws-global", "toString", ""].filter(isRegion)).toEqual([]);
});
