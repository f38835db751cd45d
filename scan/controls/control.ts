import type { Subject } from "./subject";

/**
 * What must hold for a resource, with the id of the control that asks for it: of AWS Security Hub (`RDS.3`), of
 * checkov (`CKV_AWS_23`), of the CIS benchmark for PostgreSQL (`CIS 3.1.20`); in words where none of these has one.
 */
export type Rule = readonly [
  control: string,
  sentence: string,
  holds: (subject: Subject) => boolean,
];

/** Rules for the resources of one type, as {@link Subject.type} says it, or for some of them. */
export interface Rules {
  readonly type: string;
  readonly of: (subject: Subject) => boolean;
  readonly rules: readonly Rule[];
}

export function ofType(type: string, rules: readonly Rule[]): Rules {
  return { type, of: () => true, rules };
}

export function ofSome(type: string, of: Rules["of"], rules: readonly Rule[]): Rules {
  return { type, of, rules };
}
