import type { AwsNames } from "./aws-names";

type OneOrMore = string | readonly string[];

/** A statement of an IAM policy, with IAM's field names. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  /** Every statement has this or `NotAction`, all actions but these. */
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  /** Left out in a role's trust policy. */
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/** A policy as JSON. All of it is known before any resource exists, so a preview shows it in full. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * Lets an AWS service assume a role, on behalf of this account only: resources of other accounts could name the role
 * too.
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

/** ARN of an AWS managed policy for a service role. */
export function servicePolicy({ partition }: AwsNames, name: string): string {
  return `arn:${partition}:iam::aws:policy/service-role/${name}`;
}
