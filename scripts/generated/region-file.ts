import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Partition {
  readonly id: string;
  readonly regions: Readonly<Record<string, unknown>>;
}

/** components/homes/aws/plan/regions.json: the regions of each partition, from Amazon's own SDK. */
export function regions(): string {
  const file = join(
    dirname(require.resolve("@aws-sdk/core/package.json")),
    "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js",
  );
  const [, text = ""] = /partitionsInfo = ([^]*?\n\});?\n/.exec(readFileSync(file, "utf8")) ?? [];
  const { partitions } = JSON.parse(text) as { readonly partitions: readonly Partition[] };
  const byPartition = partitions.map((each) => [each.id, regionsOf(each)]);
  return `${JSON.stringify(Object.fromEntries(byPartition))}\n`;
}

/** Real regions only. Names such as aws-global stand for services without a region. */
function regionsOf({ regions }: Partition): readonly string[] {
  return Object.keys(regions)
    .filter((name) => /-\d$/.test(name))
    .sort();
}
