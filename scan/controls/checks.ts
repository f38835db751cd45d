import type { ResourceView } from "./resource-view";

/** Checks that several kinds of resources share. */

export const INSTANCE = "rds/instance";

/** Whether a server is a primary. */
export function isWriter(server: ResourceView): boolean {
  return !server.has("replicateSourceDb");
}

/** Whether a replacement is created before the old resource is deleted. */
export const isCreatedBeforeDelete = ({ options }: ResourceView): boolean =>
  !options.deleteBeforeReplace;

export const isKeptOnDelete = ({ options }: ResourceView): boolean => options.retainOnDelete;

export const isProtectedAndKept = ({ options }: ResourceView): boolean =>
  options.protect && options.retainOnDelete;

/** A check of one input. */
type Question = (subject: ResourceView) => boolean;

export const is =
  (path: string, value: unknown): Question =>
  (subject) =>
    subject.is(path, value);

export const isSet =
  (path: string): Question =>
  (subject) =>
    subject.text(path) !== "";

export const refers =
  (key: string, type: string): Question =>
  (subject) =>
    subject.refers(key, type);

/** Whether the input refers to a resource in the same region. */
export const refersInRegion =
  (key: string, type: string): Question =>
  (subject) =>
    subject.target(key, type)?.isInSameRegion(subject) === true;

/** Whether the input is a key of the stack in the same region. */
export const ownKey = (key: string): Question => refersInRegion(key, "kms/key");

/** Retention of the servers' automated backups in days, at least 7. Other backups must match it. */
export function backupDays({ plan }: ResourceView): number {
  const servers = plan.of(INSTANCE).filter(isWriter);
  return Math.max(7, ...servers.map((each) => each.number("backupRetentionPeriod")));
}

export function isTagged(subject: ResourceView): boolean {
  return subject.text("tags.project") !== "" && subject.text("tags.stack") !== "";
}

/** Whether a value is within limits; false for NaN. */
export function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
