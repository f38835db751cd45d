import type { AwsSettings } from "../../plan/settings-aws";

/** Regions that have a server of the stack: any of them may be the primary's, once a replica was promoted. */
export function rdsRegions({ region, secondRegion }: AwsSettings): readonly string[] {
  return secondRegion?.replica ? [region, secondRegion.region] : [region];
}
