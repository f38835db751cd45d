import type { AwsSettings } from "../../plan/settings-aws";

/** Regions with servers of the stack. After a promotion the primary may be in either. */
export function rdsRegions({ region, secondRegion }: AwsSettings): readonly string[] {
  return secondRegion?.replica ? [region, secondRegion.region] : [region];
}
