import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import type { AwsSettings } from "./rds-stack";
import { partitionOf } from "./regions";

/** A server on RDS without the group of settings that it needs. */
export const NO_ACCOUNT: Problem = {
  key: settingKey(["aws"]),
  value: "nothing",
  allowed: "account, region, network and sources, with sark.home aws",
  why: "a server on RDS is made in an account and a network that are given",
};

/** Settings of the account that do not go together. */
export function accountProblems(aws: AwsSettings, onRds: boolean): readonly Problem[] {
  const { cluster, secondRegion } = aws;
  return present<Problem>(
    cluster?.identity === "irsa" &&
      cluster.issuer === undefined && {
        key: settingKey(["aws", "cluster", "issuer"]),
        value: "nothing",
        allowed: "the cluster's OIDC issuer, with identity irsa",
        why: "the roles trust what it signs (aws eks describe-cluster names it)",
      },
    secondRegion?.region === aws.region && {
      key: settingKey(["aws", "secondRegion", "region"]),
      value: aws.region,
      allowed: "another region than aws.region",
      why: "what takes away the first region would take the copies with it",
    },
    secondRegion !== undefined &&
      partitionOf(secondRegion.region) !== partitionOf(aws.region) && {
        key: settingKey(["aws", "secondRegion", "region"]),
        value: secondRegion.region,
        allowed: `a region of the partition ${partitionOf(aws.region)}, in which aws.region is`,
        why: "an account and its roles belong to one partition, and nothing is copied into another",
      },
    secondRegion?.replica !== undefined &&
      !onRds && {
        key: settingKey(["aws", "secondRegion", "replica"]),
        value: "a network",
        allowed: "nothing, unless sark.home is aws",
        why: "only RDS has a replica there",
      },
  );
}

/** Alarms of a protected stack that nobody would hear. */
export function notifyProblems({ notify }: AwsSettings): readonly Problem[] {
  return present(
    notify.length === 0 && {
      key: settingKey(["aws", "notify"]),
      value: "nobody",
      allowed: "at least one address, in a protected stack with monitoring",
      why: "alarms that nobody hears are no alarms",
    },
  );
}
