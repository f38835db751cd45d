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

/** Rules for the resources of one type. */
export interface Rules {
  /** As {@link Subject.type} says it. */
  readonly type: string;
  /** @default - all of the type */
  readonly of?: (subject: Subject) => boolean;
  readonly rules: readonly Rule[];
}
