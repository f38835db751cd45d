import type { Plan } from "../engine/engine";
import { NAMES, PlanView, SECRET, type Subject, UNKNOWN } from "./controls/subject";
import { terraformArguments, terraformType } from "./terraform-arguments";

/** A resource of a plan as Terraform would be given it. */
export interface TerraformResource {
  /** `aws_db_instance` */
  readonly type: string;
  readonly name: string;
  /** Where it is made. */
  readonly region: string;
  /** Terraform's own names; a value that another resource has is a reference, `${aws_kms_key.backups.arn}`. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a plan makes on AWS, in its order: whatever a resource refers to stands before it. */
export function terraformResources(plan: Pick<Plan, "resources">): TerraformResource[] {
  const made = new PlanView(plan).subjects.filter(({ isOnAws }) => isOnAws);
  return made.map((subject) => ({
    type: terraformType(subject.resource.type),
    name: nameOf(subject),
    region: subject.region,
    values: terraformArguments(subject.resource.type, withReferences(subject, made)),
  }));
}

/** A file in Terraform's JSON syntax that makes this resource. */
export function terraformJson({ type, name, region, values }: TerraformResource): string {
  const block = { provider: `aws.${region}`, ...values };
  return JSON.stringify({ resource: { [type]: { [name]: block } } }, undefined, 2);
}

/** Accounts that a plan makes something in, by the providers that refuse all others. */
export function accountsOf(plan: Pick<Plan, "resources">): readonly string[] {
  return [...new Set(new PlanView(plan).accounts)];
}

/** A resource's name in Terraform; Pulumi's may have any character. */
function nameOf({ name }: Subject): string {
  return name.replace(/[^\w-]/g, "_");
}

/**
 * The inputs with references to the resources that they are made from, which Terraform's checks follow. A plan says only
 * which resources an input is made from: a value that is not known yet belongs to the one that fits the input. A name
 * that another resource in the same region has refers to that resource, however it was written.
 */
function withReferences(
  subject: Subject,
  all: readonly Subject[],
): Readonly<Record<string, unknown>> {
  const { resource, urn, options } = subject;
  const near = all.filter((each) => each !== subject && each.isBeside(subject));
  const entries = Object.entries(resource.inputs).map(([key, value]) => {
    const sources = all.filter((each) => options.propertyDependencies[key]?.includes(each.urn));
    return [key, replaced(value, key, { sources, near, where: `${urn} ${key}` })];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Resources that a value can be a reference to. */
interface Referred {
  /** What it is made from. */
  readonly sources: readonly Subject[];
  /** All others that the same provider makes. */
  readonly near: readonly Subject[];
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

function fitting(key: string, subjects: readonly Subject[]): readonly Subject[] {
  const type = REFERRED.find(([input]) => input.test(key))?.[1];
  return subjects.filter((each) => each.type === type);
}

/** @throws Error where several resources are possible: a wrong reference would please a scanner for no reason */
function unknown(key: string, { sources, where }: Referred): string {
  const possible = fitting(key, sources);
  const [source, ...others] = possible.length > 0 ? possible : sources;
  if (source === undefined) return "unknown";
  if (others.length > 0) {
    const names = [source, ...others].map(nameOf).join(", ");
    throw new Error(`${where} is made from one of several resources, which is not told: ${names}`);
  }
  return reference(source, attributeFor(key));
}

/** The attribute of a resource that an input with this name takes. */
function attributeFor(key: string): string {
  if (/(kmsKeyId|kmsMasterKeyId|Arns?|Actions|resources|^topic)$/i.test(key)) return "arn";
  if (key === "targetKeyId") return "key_id";
  return key.endsWith("Name") ? "name" : "id";
}

/** A reference to the resource of the fitting type that has this name. */
function named(value: string, key: string, { near }: Referred): string | undefined {
  for (const subject of fitting(key, near)) {
    const input = NAMES.find((name) => subject.is(name, value));
    if (input !== undefined) return reference(subject, input);
  }
  return undefined;
}

function reference(subject: Subject, attribute: string): string {
  return `\${${terraformType(subject.resource.type)}.${nameOf(subject)}.${attribute}}`;
}
