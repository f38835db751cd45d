import type { Purpose } from "../../../../roles/plan/logins";
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import type { AwsNames } from "../../plan/aws-names";
import { policyDocument } from "../../plan/policy-document";

/** Name of a login's secret, such as `sark-prod/sark/app`. */
export function secretName({ base }: AwsNames, database: DatabaseName, purpose: Purpose): string {
  return `${base}/${database}/${purpose}`;
}

/**
 * Policy that denies all other accounts, even if another policy allows them by mistake. Within this account, the
 * account's own policies decide who may read a secret.
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
