import type { Purpose } from "../../../../roles/plan/logins";
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import type { AwsNames } from "../../plan/aws-names";
import { policyDocument } from "../../plan/policy-document";

/** `sark-prod/sark/app`. */
export function secretName({ base }: AwsNames, database: DatabaseName, purpose: Purpose): string {
  return `${base}/${database}/${purpose}`;
}

/**
 * Keeps every other account out, whoever may be let in elsewhere by mistake. Who of this account reads a secret is for
 * the account's own policies to say.
 */
export function secretPolicy({ account }: AwsNames): string {
  return policyDocument([
    {
      Sid: "NobodyOfAnotherAccount",
      Effect: "Deny",
      Principal: "*",
      Action: "secretsmanager:*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalAccount": account } },
    },
  ]);
}
