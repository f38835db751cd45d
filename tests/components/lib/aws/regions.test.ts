import * as fs from "node:fs";
import * as path from "node:path";
import { isRegion, partitionOf } from "../../../../components/lib/aws/regions";
import partitions from "../../../../components/lib/aws/regions.json";

/** The list of the SDK, which no import leads to. */
const SDK = path.join(
  path.dirname(require.resolve("@aws-sdk/core/package.json")),
  "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js",
);

interface Partition {
  readonly id: string;
  readonly regions: Readonly<Record<string, unknown>>;
}

it("holds the regions of Amazon's own SDK", () => {
  const [, text = ""] = /partitionsInfo = ([^]*?\n\});?\n/.exec(fs.readFileSync(SDK, "utf8")) ?? [];
  const known = (JSON.parse(text) as { readonly partitions: readonly Partition[] }).partitions;
  // Names such as aws-global stand for a partition's services that have no region.
  const regions = (each: Partition) =>
    Object.keys(each.regions).filter((name) => /-\d$/.test(name));
  expect(partitions).toEqual(
    Object.fromEntries(known.map((each) => [each.id, regions(each).sort()])),
  );
});

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
