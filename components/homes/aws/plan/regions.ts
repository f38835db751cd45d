import partitions from "./regions.json";

/** Regions of each partition of AWS. `npm run generate` takes them from Amazon's own SDK. */
const PARTITIONS: Readonly<Record<string, readonly string[]>> = partitions;

export function isRegion(region: string): boolean {
  return partitionWith(region) !== undefined;
}

/** `aws`, `aws-us-gov`, `aws-cn` or another: accounts, roles and ARNs of one mean nothing in another. */
export function partitionOf(region: string): string {
  return partitionWith(region) ?? "aws";
}

function partitionWith(region: string): string | undefined {
  return Object.keys(PARTITIONS).find((name) => PARTITIONS[name]?.includes(region));
}
