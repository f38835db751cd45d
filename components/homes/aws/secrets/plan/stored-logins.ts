import type { Purpose } from "../../../../roles/plan/logins";
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import type { AwsNames } from "../../plan/aws-names";
import { policyDocument } from "../../plan/policy-document";

/** Days in which a deleted secret can be had back, the most that AWS grants; its name is taken for as long. */
export const RECOVERY_DAYS = 30;

/** A login as Secrets Manager's users expect it: the keys of AWS's own rotation functions and drivers. */
export interface StoredLogin {
  readonly engine: "postgres";
  readonly host: string;
  readonly port: number;
  readonly dbname: DatabaseName;
  readonly username: string;
  readonly password: string;
}

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
