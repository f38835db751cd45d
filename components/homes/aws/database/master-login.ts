import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { randomPassword } from "../../../resources/random-password";
import type { AwsPlatform } from "../platform/aws-platform";
import type { AwsSettings, RdsSpec } from "../plan/rds-stack";
import type { RdsRegion } from "./rds-region";

/** Login of the master user. `postgres` and `admin` are what whoever breaks in tries first. */
export const MASTER_USER = "sark_master";

/** How the master user logs in. Its password is in a secret of Secrets Manager: JSON with `username` and `password`. */
export interface MasterLogin {
  /** Inputs of the server that is made with it, and of a replica that becomes the primary. */
  readonly inputs: Pick<
    aws.rds.InstanceArgs,
    "password" | "manageMasterUserPassword" | "masterUserSecretKmsKeyId"
  >;
  /** ARN of the secret. @param server that was made with the inputs */
  readonly secret: (server: aws.rds.Instance) => pulumi.Output<string>;
}

interface MasterLoginArgs {
  readonly platform: AwsPlatform;
  readonly region: RdsRegion;
  readonly aws: AwsSettings;
  readonly database: RdsSpec;
  /** Raised to change the password. */
  readonly rotation: number;
}

/**
 * The master's password: RDS makes and rotates it where it can. It makes no read replica and no blue/green copy of a
 * server whose password it manages (RDS user guide, "Password management with Amazon RDS and AWS Secrets Manager",
 * limitations), so a server with either gets one of the stack's, which a change of `rotation` changes.
 */
export function masterLogin(
  name: string,
  args: MasterLoginArgs,
  parent: pulumi.Resource,
): MasterLogin {
  const { aws: own, database, region } = args;
  const followed = database.replicas > 0 || own.secondRegion?.replica !== undefined;
  return followed || database.rds.blueGreen ? ownLogin(name, args, parent) : managedLogin(region);
}

function managedLogin({ key }: RdsRegion): MasterLogin {
  return {
    inputs: { manageMasterUserPassword: true, masterUserSecretKmsKeyId: key.arn },
    secret: ({ masterUserSecrets }) =>
      masterUserSecrets.apply(([secret]) =>
        secret ? pulumi.output(secret.secretArn) : noSecret(),
      ),
  };
}

/** A server that loses its last replica has a secret of RDS's once the password is RDS's: a preview does not know it. */
function noSecret(): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return pulumi.output(pulumi.unknown).apply(() => "");
  throw new Error("RDS was asked to manage the master's password, and names no secret");
}

function ownLogin(
  name: string,
  { platform, region, rotation }: MasterLoginArgs,
  parent: pulumi.Resource,
): MasterLogin {
  const { names, protection } = platform;
  const inside = { ...platform.inside(parent), retainOnDelete: protection };
  const password = randomPassword(`${name}-password`, { parent }, { rotation: String(rotation) });
  const secret = new aws.secretsmanager.Secret(
    `${name}-secret`,
    {
      // A deleted name is free again after weeks only.
      namePrefix: `${names.base}-master-`,
      description: `Master user of ${names.base} on RDS`,
      kmsKeyId: region.key.arn,
      tags: names.tags,
    },
    inside,
  );
  const version = new aws.secretsmanager.SecretVersion(
    `${name}-secret-version`,
    {
      secretId: secret.id,
      secretString: pulumi.jsonStringify({ username: MASTER_USER, password }),
    },
    inside,
  );
  // Whoever waits for the ARN finds the password behind it.
  return { inputs: { password }, secret: () => version.secretId };
}
