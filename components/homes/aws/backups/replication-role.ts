import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  type BucketReplication,
  replicationAccess,
  replicationTrust,
} from "./plan/access-policies";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";

export interface ReplicationRoleArgs {
  readonly platform: AwsPlatform;
  readonly copying: BucketReplication;
}

/** IAM role with which S3 replicates one bucket to another. With `protection` it is kept with the buckets. */
export class ReplicationRole extends pulumi.ComponentResource {
  /** ARN, known before the role exists. */
  readonly arn: string;

  constructor(
    name: string,
    { platform, copying }: ReplicationRoleArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:ReplicationRole", name, {}, opts);
    const { names, protection } = platform;
    const kept = { ...platform.optionsIn(this), retainOnDelete: protection };
    const roleName = `${names.base}-replication`;
    this.arn = arn(names, "iam", `role/${roleName}`);
    const role = new aws.iam.Role(
      name,
      {
        name: roleName,
        description: `Copies ${copying.from} to another region`,
        assumeRolePolicy: policyDocument([replicationTrust]),
      },
      kept,
    );
    new aws.iam.RolePolicy(
      `${name}-access`,
      {
        name: "copies",
        role: role.name,
        policy: policyDocument(replicationAccess(names, copying)),
      },
      kept,
    );
    this.registerOutputs({ arn: this.arn });
  }
}
