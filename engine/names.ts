import { printable } from "../components/text/printable";

/** The stack of a command without --stack. It runs on this machine, and does not need the Pulumi CLI. */
export const DEFAULT_STACK = "local";

/** The type of the stack resource, which holds the stack's outputs. */
export const ROOT_TYPE = "pulumi:pulumi:Stack";

/** A resource's name for display: the last part of its URN. */
export function shortName(urn: string): string {
  return printable(urn.slice(urn.lastIndexOf("::") + 2));
}

/** `pulumi-nodejs:dynamic/local:PgBouncer` is a PgBouncer, `postgresql:index/role:Role` a PostgreSQL Role. */
export function shortType(type: string): string {
  const name = printable(type.slice(type.lastIndexOf(":") + 1));
  if (type.startsWith("pulumi:providers:")) return `${name} provider`;
  return name;
}

export function typeOfUrn(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** A resource's type and name for display: `Role sark_owner`. */
export function describeResource(urn: string): string {
  return `${shortType(typeOfUrn(urn))} ${shortName(urn)}`;
}

/** Whether a type only exists in the state: the stack, components and provider resources. */
export function isBookkeeping(type: string): boolean {
  return /^(pulumi:pulumi:Stack|pulumi:providers:.*|sark:.*)$/.test(type);
}

/** `1 resource`, `2 resources`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
