import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import type { AwsSettings } from "./rds-stack";
import { partitionOf } from "./regions";

/** The problem of a server on RDS without the settings group `aws`. */
export const MISSING_AWS_GROUP: Problem = {
  key: settingKey(["aws"]),
  value: "nothing",
  allowed: "account, region, network and sources, with sark.home aws",
  why: "a server on RDS needs an account and a network",
};

/** AWS settings that contradict each other. */
export function accountProblems(aws: AwsSettings, onRds: boolean): readonly Problem[] {
  const { cluster, secondRegion } = aws;
  return compact<Problem>(
    cluster?.identity === "irsa" &&
      cluster.issuer === undefined && {
        key: settingKey(["aws", "cluster", "issuer"]),
        value: "nothing",
        allowed: "the cluster's OIDC issuer, with identity irsa",
        why: "the roles trust its tokens (aws eks describe-cluster shows it)",
      },
    secondRegion?.region === aws.region && {
      key: settingKey(["aws", "secondRegion", "region"]),
      value: aws.region,
      allowed: "a region other than aws.region",
      why: "an outage of the first region would take the copies with it",
    },
    secondRegion !== undefined &&
      partitionOf(secondRegion.region) !== partitionOf(aws.region) && {
        key: settingKey(["aws", "secondRegion", "region"]),
        value: secondRegion.region,
        allowed: `a region of partition ${partitionOf(aws.region)}, like aws.region`,
        why: "an account and its roles belong to one partition, and AWS copies nothing into another",
      },
    secondRegion?.replica !== undefined &&
      !onRds && {
        key: settingKey(["aws", "secondRegion", "replica"]),
        value: "a network",
        allowed: "nothing, unless sark.home is aws",
        why: "only RDS supports a replica in a second region",
      },
  );
}

/** A protected stack whose alarms have no recipient. */
export function recipientProblems({ notify }: AwsSettings): readonly Problem[] {
  return compact(
    notify.length === 0 && {
      key: settingKey(["aws", "notify"]),
      value: "no address",
      allowed: "at least one address, in a protected stack with monitoring",
      why: "without a recipient, alarms go unnoticed",
    },
  );
}
