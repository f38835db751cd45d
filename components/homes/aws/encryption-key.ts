import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AwsNames, arn } from "./plan/aws-names";
import { type Statement, policyDocument } from "./plan/policy-document";

export interface EncryptionKeyArgs {
  readonly names: AwsNames;
  /** Suffix of its alias, after the stack's name: `database`, `backups`. */
  readonly purpose: string;
  readonly description: string;
  /** Statements for other users than the account's own roles, such as AWS services. @default - none */
  readonly users?: readonly Statement[];
  /** Whether deletion is refused, and the key kept when the stack is destroyed. Without its key data is unreadable. */
  readonly protect: boolean;
}

/** Days between scheduling a deletion and the deletion itself, AWS's maximum. */
const DELETION_WINDOW = 30;

/** Creates a KMS key with an alias. AWS rotates its material every year; older data stays readable. */
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
