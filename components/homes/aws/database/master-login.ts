import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { randomPassword } from "../../../resources/random-password";
import type { AwsPlatform } from "../platform/aws-platform";
import type { AwsSettings, RdsSpec } from "../plan/rds-stack";
import type { RdsRegion } from "./rds-region";

/** Name of the master user. Not `postgres` or `admin`, which attackers try first. */
export const MASTER_USER = "sark_master";

/** Login of the master user. Its password is in Secrets Manager, as JSON with `username` and `password`. */
export interface MasterLogin {
  /** Inputs of the server that is created with it, and of a promoted replica. */
  readonly inputs: Pick<
    aws.rds.InstanceArgs,
    "password" | "manageMasterUserPassword" | "masterUserSecretKmsKeyId"
  >;
  /** ARN of the secret. @param server server that was created with the inputs */
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
 * Login of the master user. By default RDS creates and rotates the password. It does not support that for servers with
 * read replicas or blue/green deployments (RDS user guide, "Password management with Amazon RDS and AWS Secrets
 * Manager", limitations). Those get a password from the stack, which changes with `rotation`.
 */
export function masterLogin(
  name: string,
  args: MasterLoginArgs,
  parent: pulumi.Resource,
): MasterLogin {
  const { aws: own, database, region } = args;
  const hasReplicas = database.replicas > 0 || own.secondRegion?.replica !== undefined;
  return hasReplicas || database.rds.blueGreen
    ? ownLogin(name, args, parent)
    : managedLogin(region);
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

/** A server that loses its last replica gets a managed secret, whose ARN a preview does not know yet. */
function noSecret(): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return pulumi.output(pulumi.unknown).apply(() => "");
  throw new Error("RDS manages the password of the master user, but reports no secret for it");
}

function ownLogin(
  name: string,
  { platform, region, rotation }: MasterLoginArgs,
  parent: pulumi.Resource,
): MasterLogin {
  const { names, protection } = platform;
  const inside = { ...platform.optionsIn(parent), retainOnDelete: protection };
  const password = randomPassword(`${name}-password`, { parent }, { rotation: String(rotation) });
  const secret = new aws.secretsmanager.Secret(
    `${name}-secret`,
    {
      // A prefix, as the name of a deleted secret stays reserved for weeks.
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
  // The ARN comes from the version, so that the secret has its password when the ARN is used.
  return { inputs: { password }, secret: () => version.secretId };
}
