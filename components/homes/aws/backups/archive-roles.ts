import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { archiveAccess, podTrust } from "./plan/access-policies";
import { type ArchiveAccount, archiveRole } from "./plan/backup-accounts";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";

export interface ArchiveRolesArgs {
  readonly platform: AwsPlatform;
  readonly accounts: readonly ArchiveAccount[];
  /** Bucket that the roles open. */
  readonly bucket: string;
}

/**
 * A role for each service account that opens the bucket, which its pods take on without any key. A pod gets it when it
 * starts, so all of it is there before the clusters are.
 *
 * Where `kubernetes.retain` lets clusters outlive the stack, so do their roles: a server that cannot archive its log
 * keeps it, until its volume is full. The jobs that dump a database go with the stack, or with its generation, and their
 * roles with them.
 */
export class ArchiveRoles extends pulumi.ComponentResource {
  /** Known before they are made. */
  readonly arns: readonly string[];

  readonly #args: ArchiveRolesArgs;
  readonly #name: string;

  constructor(name: string, args: ArchiveRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:ArchiveRoles", name, {}, opts);
    this.#args = args;
    this.#name = name;
    const { names } = args.platform;
    this.arns = args.accounts.map(({ account }) =>
      arn(names, "iam", `role/${archiveRole(names, account)}`),
    );
    for (const account of args.accounts) this.#role(account);
    this.registerOutputs({});
  }

  #role(account: ArchiveAccount): void {
    const { platform, bucket } = this.#args;
    const { names, settings } = platform;
    const { cluster } = platform.aws;
    if (!cluster) throw new Error("aws.cluster is not set, and service accounts need roles");
    const { namespace } = settings.kubernetes;
    const own = `${this.#name}-${account.account}`;
    const retainOnDelete = settings.kubernetes.retain && account.ofCluster;
    const opts = { ...platform.inside(this), retainOnDelete };
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
}
