import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AwsNames, arn } from "./plan/aws-names";
import { type Statement, policyDocument } from "./plan/policy-document";

export interface EncryptionKeyArgs {
  readonly names: AwsNames;
  /** What it is called behind the stack's name: `database`, `backups`. */
  readonly purpose: string;
  readonly description: string;
  /** Who uses it besides the account's own roles, such as a service of AWS. @default - nobody */
  readonly users?: readonly Statement[];
  /** Whether a deletion is refused, and the key stays when the stack goes: without it its data cannot be read. */
  readonly protect: boolean;
}

/** Days between a deletion and the end of the key, the most that AWS grants. */
const DELETION_WINDOW = 30;

/** A key of AWS KMS with a name. AWS changes its material every year; what was encrypted before stays readable. */
export function encryptionKey(
  name: string,
  { names, purpose, description, users = [], protect }: EncryptionKeyArgs,
  opts: pulumi.CustomResourceOptions,
): aws.kms.Key {
  const key = new aws.kms.Key(
    name,
    {
      description,
      deletionWindowInDays: DELETION_WINDOW,
      enableKeyRotation: true,
      policy: policyDocument([
        {
          Sid: "AccountDecidesByItsOwnPolicies",
          Effect: "Allow",
          Principal: { AWS: arn(names, "iam", "root") },
          Action: "kms:*",
          Resource: "*",
        },
        ...users,
      ]),
      tags: names.tags,
    },
    pulumi.mergeOptions(opts, { protect, retainOnDelete: protect }),
  );
  new aws.kms.Alias(
    `${name}-alias`,
    { name: `alias/${names.base}-${purpose}`, targetKeyId: key.keyId },
    pulumi.mergeOptions(opts, { retainOnDelete: protect }),
  );
  return key;
}
