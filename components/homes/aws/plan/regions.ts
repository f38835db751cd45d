import partitions from "./regions.json";

/** Regions of each AWS partition. `npm run generate` takes them from the AWS SDK. */
const PARTITIONS: Readonly<Record<string, readonly string[]>> = partitions;

export function isRegion(region: string): boolean {
  return partitionWith(region) !== undefined;
}

/**
 * Partition of a region: `aws`, `aws-us-gov`, `aws-cn` or another. Accounts, roles and ARNs are valid in one partition
 * only.
 */
export function partitionOf(region: string): string {
  return partitionWith(region) ?? "aws";
}

function partitionWith(region: string): string | undefined {
  return Object.keys(PARTITIONS).find((name) => PARTITIONS[name]?.includes(region));
}
