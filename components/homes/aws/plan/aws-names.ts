import type { Problem } from "../../../text/problem";
import { partitionOf } from "./regions";

/** Base of all resource names on AWS. They include the stack's name, so stacks in one account never collide. */
export interface AwsNames {
  /** `sark-prod`: the prefix of every name. */
  readonly base: string;
  /** `aws`, `aws-us-gov` or `aws-cn`: the first part of every ARN. */
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** Tags of all resources; providers set them. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Names of a stack in its main region. @param stack name of the stack */
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
 * Checks that AWS accepts names with this stack name. Its length is limited by the longest name, that of a role:
 * `sark-<stack>-archive-sark-audit-g<generation>`, 64 characters. Its characters are those of a server's identifier.
 */
export function stackNameProblems(stack: string): readonly Problem[] {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stack) && stack.length <= LONGEST_STACK) return [];
  return [
    {
      key: "the name of the stack",
      value: stack,
      allowed: `up to ${LONGEST_STACK} lower-case letters and digits, with single hyphens between`,
      why: "it is part of the names of servers, roles and keys on AWS",
    },
  ];
}

const LONGEST_STACK = 32;

/** The same names in another region. */
export function inRegion(names: AwsNames, region: string): AwsNames {
  return { ...names, region };
}

/**
 * Builds an ARN before the resource exists, so that policies are plain text in a preview.
 * @param service `rds`, `s3`
 * @param resource `db:sark-prod`, `my-bucket/*`
 */
export function arn(names: AwsNames, service: string, resource: string): string {
  const { partition, account, region } = names;
  const place = { s3: ":", iam: `:${account}` }[service] ?? `${region}:${account}`;
  return `arn:${partition}:${service}:${place}:${resource}`;
}
