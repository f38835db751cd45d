import type { Problem } from "../../../text/problem";
import { partitionOf } from "./regions";

/** Names of what the stack makes on AWS. They hold the stack's name: two stacks of one account never meet. */
export interface AwsNames {
  /** `sark-prod`: what every other name begins with. */
  readonly base: string;
  /** `aws`, `aws-us-gov` or `aws-cn`: the first part of every ARN. */
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** Tags of everything; providers set them. */
  readonly tags: Readonly<Record<string, string>>;
}

/** @param stack its name */
export function awsNames(
  { account, region }: Pick<AwsNames, "account" | "region">,
  stack: string,
): AwsNames {
  return {
    base: `sark-${stack}`,
    partition: partitionOf(region),
    account,
    region,
    tags: { project: "sark-databases", stack },
  };
}

/**
 * A stack's name that AWS would refuse. The longest name that it is part of is a role's of 64 characters,
 * `sark-<stack>-archive-sark-audit-g<generation>`; a server's may have no other characters.
 */
export function stackNameProblems(stack: string): readonly Problem[] {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stack) && stack.length <= LONGEST_STACK) return [];
  return [
    {
      key: "the name of the stack",
      value: stack,
      allowed: `up to ${LONGEST_STACK} lower-case letters and digits, with single hyphens between`,
      why: "the names of servers, roles and keys on AWS begin with it",
    },
  ];
}

const LONGEST_STACK = 32;

/** The same names in another region. */
export function inRegion(names: AwsNames, region: string): AwsNames {
  return { ...names, region };
}

/**
 * An ARN that is known before the resource exists, so that policies are plain text in a preview.
 * @param service `rds`, `s3`
 * @param resource `db:sark-prod`, `my-bucket/*`
 */
export function arn(names: AwsNames, service: string, resource: string): string {
  const { partition, account, region } = names;
  const place = { s3: ":", iam: `:${account}` }[service] ?? `${region}:${account}`;
  return `arn:${partition}:${service}:${place}:${resource}`;
}
