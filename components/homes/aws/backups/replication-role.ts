import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Copying, replicationAccess, replicationTrust } from "./plan/access-policies";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";

export interface ReplicationRoleArgs {
  readonly platform: AwsPlatform;
  readonly copying: Copying;
}

/** The role with which S3 copies one bucket into another. It stays with the buckets. */
export class ReplicationRole extends pulumi.ComponentResource {
  /** Known before it is made. */
  readonly arn: string;

  constructor(
    name: string,
    { platform, copying }: ReplicationRoleArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:ReplicationRole", name, {}, opts);
    const { names, protection } = platform;
    const kept = { ...platform.inside(this), retainOnDelete: protection };
    const physical = `${names.base}-replication`;
    this.arn = arn(names, "iam", `role/${physical}`);
    const role = new aws.iam.Role(
      name,
      {
        name: physical,
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
