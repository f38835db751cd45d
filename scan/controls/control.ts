import type { ResourceView } from "./resource-view";

/**
 * A requirement on a resource, with the id of its control: of AWS Security Hub (`RDS.3`), checkov (`CKV_AWS_23`) or the CIS
 * benchmark for PostgreSQL (`CIS 3.1.20`), or a name if none of these has one. The sentence states the required property.
 */
export type Rule = readonly [
  control: string,
  sentence: string,
  holds: (subject: ResourceView) => boolean,
];

/** Rules for all resources of a {@link ResourceView.type}, or for some of them. */
export interface Rules {
  readonly type: string;
  readonly of: (subject: ResourceView) => boolean;
  readonly rules: readonly Rule[];
}

export function ofType(type: string, rules: readonly Rule[]): Rules {
  return { type, of: () => true, rules };
}

export function ofTypeWhere(type: string, of: Rules["of"], rules: readonly Rule[]): Rules {
  return { type, of, rules };
}
