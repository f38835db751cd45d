import type { Settings } from "../settings-schema";

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

/** Settings of a stack that has something on AWS. */
export type AwsSettings = NonNullable<Settings["aws"]>;

/** @param stack its name */
export function awsNames({ account, region }: AwsSettings, stack: string): AwsNames {
  return {
    base: `sark-${stack}`,
    partition: partitionOf(region),
    account,
    region,
    tags: { project: "sark-databases", stack },
  };
}

/** The same names in another region. */
export function inRegion(names: AwsNames, region: string): AwsNames {
  return { ...names, region };
}

export function partitionOf(region: string): string {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return region.startsWith("cn-") ? "aws-cn" : "aws";
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
