import { camelCase, RESOURCES } from "../../scan/terraform-arguments";

/** Pulumi's types that have a name in Terraform. */
export const KNOWN_TYPES: readonly string[] = Object.keys(RESOURCES);

/** Pulumi's names of the inputs of a type, at the top level. */
export function namesOf(type: string): readonly string[] {
  const { same = "", renamed = {} } = RESOURCES[type] ?? {};
  return [...same.split(" ").map(camelCase), ...Object.keys(renamed)];
}
