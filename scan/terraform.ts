import type { Plan, PlannedResource } from "../engine/engine";
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
  readonly urn: string;
}

const AWS = /^aws:/;
const PROVIDER = "pulumi:providers:aws";

/** What a plan makes on AWS, in its order: whatever a resource refers to stands before it. */
export function terraformResources({ resources }: Pick<Plan, "resources">): TerraformResource[] {
  const kept = resources.filter(({ op }) => op !== "delete");
  const regions = new Map(
    kept
      .filter(({ type }) => type === PROVIDER)
      .map(({ urn, inputs }) => [urn, text(inputs["region"])]),
  );
  const made = kept.filter(({ type }) => AWS.test(type));
  return made.map((resource) => {
    const { urn, type, options } = resource;
    return {
      type: terraformType(type),
      name: nameOf(urn),
      region: regions.get(options.provider) ?? "",
      values: terraformArguments(type, withReferences(resource, made)),
      urn,
    };
  });
}

/** A file in Terraform's JSON syntax that makes this resource. */
export function terraformJson({ type, name, region, values }: TerraformResource): string {
  const block = { provider: `aws.${region}`, ...values };
  return JSON.stringify({ resource: { [type]: { [name]: block } } }, undefined, 2);
}

/** Accounts that a plan makes something in, by the providers that refuse all others. */
export function accountsOf({ resources }: Pick<Plan, "resources">): readonly string[] {
  const allowed = resources
    .filter(({ type }) => type === PROVIDER)
    .flatMap(({ inputs }) => JSON.parse(text(inputs["allowedAccountIds"]) || "[]") as string[]);
  return [...new Set(allowed)];
}

/** A resource's name in Terraform; Pulumi's may have any character. */
function nameOf(urn: string): string {
  const name = urn.split("::").slice(3).join("::");
  return name.replace(/[^\w-]/g, "_");
}

/**
 * The inputs with references to the resources that they are made from, which Terraform's checks follow. A plan says only
 * which resources an input is made from: a value that is not known yet belongs to the one that fits the input. A name
 * that another resource in the same region has refers to that resource, however it was written.
 */
function withReferences(
  resource: PlannedResource,
  all: readonly PlannedResource[],
): Readonly<Record<string, unknown>> {
  const { urn, inputs, options } = resource;
  const near = all.filter(
    (each) => each !== resource && each.options.provider === options.provider,
  );
  const entries = Object.entries(inputs).map(([key, value]) => {
    const sources = all.filter((each) => options.propertyDependencies[key]?.includes(each.urn));
    return [key, replaced(value, key, { sources, near, where: `${urn} ${key}` })];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Resources that a value can be a reference to. */
interface Referred {
  /** What it is made from. */
  readonly sources: readonly PlannedResource[];
  /** All others that the same provider makes. */
  readonly near: readonly PlannedResource[];
  readonly where: string;
}

function replaced(value: unknown, key: string, referred: Referred): unknown {
  if (value === "[secret]") return "${var.secret}";
  if (value === "[unknown]") return unknown(key, referred);
  if (typeof value === "string") return named(value, key, referred) ?? value;
  if (Array.isArray(value)) return value.map((each: unknown) => replaced(each, key, referred));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([inner, each]) => [inner, replaced(each, inner, referred)]),
  );
}

/** Types that an input can refer to, by its name. */
const REFERRED: readonly (readonly [input: RegExp, type: RegExp])[] = [
  [/kms|encryptionKey|targetKeyId/i, /^aws:kms\/key:/],
  [/^role|RoleArn$/, /^aws:iam\/role:/],
  [/securityGroup/i, /^aws:ec2\/securityGroup:/],
  [/topic|Actions$/i, /^aws:sns\/topic:/],
  [/^(bucket|targetBucket)$/, /^aws:s3\/bucket:/],
  [/vaultName$/i, /^aws:backup\/vault:/],
  [/^secret(Id|Arn)$/, /^aws:secretsmanager\/secret:/],
  [/^dbSubnetGroupName$/, /^aws:rds\/subnetGroup:/],
  [/^replicateSourceDb$/, /^aws:rds\/instance:/],
];

function fitting(key: string, resources: readonly PlannedResource[]): readonly PlannedResource[] {
  const type = REFERRED.find(([input]) => input.test(key))?.[1];
  return resources.filter((resource) => type?.test(resource.type));
}

/** @throws Error where several resources are possible: a wrong reference would please a scanner for no reason */
function unknown(key: string, { sources, where }: Referred): string {
  const possible = fitting(key, sources);
  const [source, ...others] = possible.length > 0 ? possible : sources;
  if (source === undefined) return "unknown";
  if (others.length > 0) {
    const names = [source, ...others].map(({ urn }) => nameOf(urn)).join(", ");
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

/** Inputs by which a resource is called. */
const NAMES = ["bucket", "identifier", "name"] as const;

/** A reference to the resource of the fitting type that has this name. */
function named(value: string, key: string, { near }: Referred): string | undefined {
  for (const resource of fitting(key, near)) {
    const input = NAMES.find((name) => resource.inputs[name] === value);
    if (input !== undefined) return reference(resource, input);
  }
  return undefined;
}

function reference({ type, urn }: PlannedResource, attribute: string): string {
  return `\${${terraformType(type)}.${nameOf(urn)}.${attribute}}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
