import type { Subject } from "./subject";

/** What several kinds of resources are asked. */

export const INSTANCE = "rds/instance";

/** A server that takes writes: it follows no other. */
export function isWriter(server: Subject): boolean {
  return !server.has("replicateSourceDb");
}

/** Whether a new one is made before the old one is deleted. */
export const isMadeFirst = ({ options }: Subject): boolean => !options.deleteBeforeReplace;

export const isKeptOnDelete = ({ options }: Subject): boolean => options.retainOnDelete;

export const isProtectedAndKept = ({ options }: Subject): boolean =>
  options.protect && options.retainOnDelete;

/** Questions about one input. */
type Question = (subject: Subject) => boolean;

export const is =
  (path: string, value: unknown): Question =>
  (subject) =>
    subject.is(path, value);

export const says =
  (path: string): Question =>
  (subject) =>
    subject.text(path) !== "";

export const refers =
  (key: string, type: string): Question =>
  (subject) =>
    subject.refers(key, type);

/** Whether it names a resource in the same region. */
export const beside =
  (key: string, type: string): Question =>
  (subject) =>
    subject.target(key, type)?.isBeside(subject) === true;

/** Whether the input is a key of the stack's in the same region. */
export const ownKey = (key: string): Question => beside(key, "kms/key");

/** Days for which the servers' own backups are kept, as all others are. */
export function backupDays({ plan }: Subject): number {
  const servers = plan.of(INSTANCE).filter(isWriter);
  return Math.max(7, ...servers.map((each) => each.number("backupRetentionPeriod")));
}

export function isTagged(subject: Subject): boolean {
  return subject.text("tags.project") !== "" && subject.text("tags.stack") !== "";
}

/** Not a number is within nothing. */
export function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
