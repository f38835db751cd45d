import type { Subject } from "./subject";

/** What several kinds of resources are asked. */

export const INSTANCE = "rds/instance";

/** A server that takes writes: it follows no other. */
export function isWriter(server: Subject): boolean {
  return !server.has("replicateSourceDb");
}

/** Whether the input is a key of the stack's in the same region. */
export function isOwnKey(subject: Subject, key: string): boolean {
  return subject.target(key, "kms/key")?.isBeside(subject) === true;
}

export function isTagged(subject: Subject): boolean {
  return subject.text("tags.project") !== "" && subject.text("tags.stack") !== "";
}

/** Not a number is within nothing. */
export function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
