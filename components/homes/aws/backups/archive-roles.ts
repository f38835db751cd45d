import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { archiveAccess, podTrust } from "./plan/access-policies";
import { archiveRole } from "./plan/backup-accounts";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import type { AwsSettings, BucketClients } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";

interface ArchiveRolesArgs {
  readonly platform: AwsPlatform;
  /** Cluster whose pods take on the roles. */
  readonly cluster: AwsSettings["cluster"];
  readonly clients: BucketClients;
  readonly bucket: string;
}

/** Roles by their ARNs, which are known before the roles are made. */
interface RolesMade {
  readonly arns: readonly string[];
  readonly made: pulumi.Resource;
}

/**
 * Makes a role for each service account that opens the bucket, which its pods take on without any key. A pod gets it when
 * it starts, so all of it is there before the clusters are.
 *
 * Where `kubernetes.retain` lets clusters outlive the stack, so do their roles: a server that cannot archive its log
 * keeps it, until its volume is full. The jobs that dump a database go with the stack, or with its generation, and their
 * roles with them.
 */
export function createArchiveRoles(
  name: string,
  { platform, cluster, clients: { namespace, retain, accounts }, bucket }: ArchiveRolesArgs,
  parent: pulumi.Resource,
): RolesMade {
  const component = new pulumi.ComponentResource("sark:aws:ArchiveRoles", name, {}, { parent });
  const { names } = platform;
  for (const account of accounts) {
    if (!cluster) throw new Error("aws.cluster is not set, and service accounts need roles");
    const own = `${name}-${account.account}`;
    const retainOnDelete = retain && account.ofCluster;
    const opts = { ...platform.inside(component), retainOnDelete };
    const holder = { namespace, account: account.account };
    const role = new aws.iam.Role(
      own,
      {
        name: archiveRole(names, account.account),
        description: `Backups of the service account ${namespace}/${account.account}`,
        assumeRolePolicy: policyDocument([podTrust(names, cluster, holder)]),
      },
      opts,
    );
    new aws.iam.RolePolicy(
      `${own}-access`,
      {
        name: "backups",
        role: role.name,
        policy: policyDocument(archiveAccess(names, bucket, account)),
      },
      opts,
    );
    if (cluster.identity === "pod-identity") {
      new aws.eks.PodIdentityAssociation(
        `${own}-pods`,
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
    arn(names, "iam", `role/${archiveRole(names, account)}`),
  );
  return { arns, made: component };
}
