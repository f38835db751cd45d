import type { Plan } from "../engine/engine";
import { NAMES, PlanView, SECRET, type ResourceView, UNKNOWN } from "./controls/resource-view";
import { terraformArguments, terraformType } from "./terraform-arguments";

/** A resource of a plan in Terraform's form. */
export interface TerraformResource {
  /** `aws_db_instance` */
  readonly type: string;
  readonly name: string;
  /** The AWS region. */
  readonly region: string;
  /** By Terraform argument name. A value of another resource is a reference, `${aws_kms_key.backups.arn}`. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** The AWS resources of a plan in its order, in which referenced resources come first. */
export function terraformResources(plan: Pick<Plan, "resources">): TerraformResource[] {
  const made = new PlanView(plan).resources.filter(({ isOnAws }) => isOnAws);
  return made.map((subject) => ({
    type: terraformType(subject.resource.type),
    name: nameOf(subject),
    region: subject.region,
    values: terraformArguments(subject.resource.type, withReferences(subject, made)),
  }));
}

/** A Terraform JSON file with this resource. */
export function terraformJson({ type, name, region, values }: TerraformResource): string {
  const block = { provider: `aws.${region}`, ...values };
  return JSON.stringify({ resource: { [type]: { [name]: block } } }, undefined, 2);
}

/** The AWS accounts of a plan, as its providers allow them. */
export function accountsOf(plan: Pick<Plan, "resources">): readonly string[] {
  return [...new Set(new PlanView(plan).accounts)];
}

/** A resource's name in Terraform, which allows fewer characters than Pulumi. */
function nameOf({ name }: ResourceView): string {
  return name.replace(/[^\w-]/g, "_");
}

/**
 * The inputs with references to other resources, which Terraform checks follow. A plan contains only the dependencies
 * of an input, so an unknown value becomes a reference to the dependency of the fitting type. A value that equals
 * another resource's name in the same region becomes a reference to it.
 */
function withReferences(
  subject: ResourceView,
  all: readonly ResourceView[],
): Readonly<Record<string, unknown>> {
  const { resource, urn, options } = subject;
  const near = all.filter((each) => each !== subject && each.isInSameRegion(subject));
  const entries = Object.entries(resource.inputs).map(([key, value]) => {
    const sources = all.filter((each) => options.propertyDependencies[key]?.includes(each.urn));
    return [key, replaced(value, key, { sources, near, where: `${urn} ${key}` })];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** The resources that a value may refer to. */
interface Referred {
  /** The input's dependencies. */
  readonly sources: readonly ResourceView[];
  /** Other resources of the same provider. */
  readonly near: readonly ResourceView[];
  readonly where: string;
}

function replaced(value: unknown, key: string, referred: Referred): unknown {
  if (value === SECRET) return "${var.secret}";
  if (value === UNKNOWN) return unknown(key, referred);
  if (typeof value === "string") return named(value, key, referred) ?? value;
  if (Array.isArray(value)) return value.map((each: unknown) => replaced(each, key, referred));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([inner, each]) => [inner, replaced(each, inner, referred)]),
  );
}

/** Types that an input can refer to, by its name. */
const REFERRED: readonly (readonly [input: RegExp, type: string])[] = [
  [/kms|encryptionKey|targetKeyId/i, "kms/key"],
  [/^role|RoleArn$/, "iam/role"],
  [/securityGroup/i, "ec2/securityGroup"],
  [/topic|Actions$/i, "sns/topic"],
  [/^(bucket|targetBucket)$/, "s3/bucket"],
  [/vaultName$/i, "backup/vault"],
  [/^secret(Id|Arn)$/, "secretsmanager/secret"],
  [/^dbSubnetGroupName$/, "rds/subnetGroup"],
  [/^replicateSourceDb$/, "rds/instance"],
];

function fitting(key: string, subjects: readonly ResourceView[]): readonly ResourceView[] {
  const type = REFERRED.find(([input]) => input.test(key))?.[1];
  return subjects.filter((each) => each.type === type);
}

/** @throws Error if several resources are possible, because a wrong reference could hide a finding */
function unknown(key: string, { sources, where }: Referred): string {
  const possible = fitting(key, sources);
  const [source, ...others] = possible.length > 0 ? possible : sources;
  if (source === undefined) return "unknown";
  if (others.length > 0) {
    const names = [source, ...others].map(nameOf).join(", ");
    throw new Error(`${where} may refer to any of several resources: ${names}`);
  }
  return reference(source, attributeFor(key));
}

/** The attribute that an input of this name refers to. */
function attributeFor(key: string): string {
  if (/(kmsKeyId|kmsMasterKeyId|Arns?|Actions|resources|^topic)$/i.test(key)) return "arn";
  if (key === "targetKeyId") return "key_id";
  return key.endsWith("Name") ? "name" : "id";
}

/** A reference to the resource of the fitting type with this name; undefined if there is none. */
function named(value: string, key: string, { near }: Referred): string | undefined {
  for (const subject of fitting(key, near)) {
    const input = NAMES.find((name) => subject.is(name, value));
    if (input !== undefined) return reference(subject, input);
  }
  return undefined;
}

function reference(subject: ResourceView, attribute: string): string {
  return `\${${terraformType(subject.resource.type)}.${nameOf(subject)}.${attribute}}`;
}
