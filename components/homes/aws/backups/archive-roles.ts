import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { archiveAccess, podTrust } from "./plan/access-policies";
import { archiveRoleName } from "./plan/backup-accounts";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import type { AwsSettings, BucketClients } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";

interface ArchiveRolesArgs {
  readonly platform: AwsPlatform;
  /** Cluster whose pods assume the roles. */
  readonly cluster: AwsSettings["cluster"];
  readonly clients: BucketClients;
  readonly bucket: string;
}

/** The created roles; their ARNs are known before they exist. */
interface RolesMade {
  readonly arns: readonly string[];
  readonly component: pulumi.Resource;
}

/**
 * Creates an IAM role for each service account that accesses the bucket; its pods assume it without keys. A pod gets
 * the role when it starts, so roles are created before the clusters.
 *
 * With `kubernetes.retain` clusters outlive the stack, and so do their roles: a server that cannot archive WAL keeps it
 * until its volume is full. Dump jobs are deleted with the stack or with their generation, and so are their roles.
 */
export function createArchiveRoles(
  name: string,
  { platform, cluster, clients: { namespace, retain, accounts }, bucket }: ArchiveRolesArgs,
  parent: pulumi.Resource,
): RolesMade {
  const component = new pulumi.ComponentResource("sark:aws:ArchiveRoles", name, {}, { parent });
  const { names } = platform;
  for (const account of accounts) {
    if (!cluster) throw new Error("aws.cluster is not set; the roles of service accounts need it");
    const resourceName = `${name}-${account.account}`;
    const retainOnDelete = retain && account.ofCluster;
    const opts = { ...platform.optionsIn(component), retainOnDelete };
    const holder = { namespace, account: account.account };
    const role = new aws.iam.Role(
      resourceName,
      {
        name: archiveRoleName(names, account.account),
        description: `Backups of the service account ${namespace}/${account.account}`,
        assumeRolePolicy: policyDocument([podTrust(names, cluster, holder)]),
      },
      opts,
    );
    new aws.iam.RolePolicy(
      `${resourceName}-access`,
      {
        name: "backups",
        role: role.name,
        policy: policyDocument(archiveAccess(names, bucket, account)),
      },
      opts,
    );
    if (cluster.identity === "pod-identity") {
      new aws.eks.PodIdentityAssociation(
        `${resourceName}-pods`,
        {
          clusterName: cluster.name,
          namespace,
          serviceAccount: account.account,
          roleArn: role.arn,
        },
        opts,
      );
    }
  }
  const arns = accounts.map(({ account }) =>
    arn(names, "iam", `role/${archiveRoleName(names, account)}`),
  );
  return { arns, component: component };
}
