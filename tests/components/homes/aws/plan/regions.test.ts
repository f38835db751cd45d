import { isRegion, partitionOf } from "../../../../../components/homes/aws/plan/regions";

it("tells the partition of a region", () => {
  expect(["eu-west-1", "us-gov-west-1", "cn-north-1"].map(partitionOf)).toEqual([
    "aws",
    "aws-us-gov",
    "aws-cn",
  ]);
});

it("knows no region that does not exist", () => {
  expect(["eu-central-9", "aws-global", "toString", ""].filter(isRegion)).toEqual([]);
});
