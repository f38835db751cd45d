import type { AwsNames } from "./aws-names";

type OneOrMore = string | readonly string[];

/** A statement of a policy; IAM's own words. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  /** Left out of what says who takes on a role. */
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/** A policy as AWS takes it. All of it is known before anything exists, so a preview shows it whole. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * Lets a service of AWS take a role on, for this account only: somebody else's resources could name the role as well.
 * @param service `backup.amazonaws.com`
 */
export function serviceTrust({ account }: AwsNames, sid: string, service: string): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  };
}

/** ARN of a policy that AWS keeps for one of its services. */
export function servicePolicy({ partition }: AwsNames, name: string): string {
  return `arn:${partition}:iam::aws:policy/service-role/${name}`;
}
