/**
 * What RDS tells of by itself. Categories are the user guide's ("Amazon RDS event categories and event messages") and
 * what describe-event-categories answers with; RDS refuses any other. Pure data; `components/homes/aws/monitoring` turns it
 * into resources. To hear of more, add it here and nowhere else.
 */

/** Categories by the source that knows them; without Aurora's and other engines' own. */
const CATEGORIES = {
  "db-instance": [
    "availability",
    "backup",
    "configuration change",
    "creation",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
    "restoration",
    "security",
    "security patching",
  ],
  "db-parameter-group": ["configuration change"],
  "db-security-group": ["configuration change", "failure"],
  "db-snapshot": ["creation", "deletion", "notification", "restoration"],
  "blue-green-deployment": ["creation", "deletion", "failure", "notification"],
} as const;

type EventSource = keyof typeof CATEGORIES;

/** Events of one kind of source that somebody is to hear of. */
export interface Subscription {
  /** What it is called behind the stack's name. */
  readonly name: string;
  readonly source: EventSource;
  readonly categories: readonly string[];
  /** Identifiers of the sources. Left out: all that the account has in the region, now and later. */
  readonly only?: readonly string[];
}

/**
 * What people are told of. Backups that begin and end, day after day, are not worth a message: that none was made is an
 * alarm. Parameter groups get their names when they are made, and snapshots and copies for an update later still, so
 * those of other stacks in the account are heard of as well.
 * @param servers identifiers of the stack's servers in the region
 */
export function subscriptions(servers: readonly string[]): readonly Subscription[] {
  return [
    {
      name: "servers",
      source: "db-instance",
      categories: CATEGORIES["db-instance"].filter((category) => category !== "backup"),
      only: servers,
    },
    {
      name: "parameters",
      source: "db-parameter-group",
      categories: CATEGORIES["db-parameter-group"],
    },
    // Of security groups of EC2-Classic, which are gone; auditors ask for it nevertheless (Security Hub RDS.22).
    {
      name: "security-groups",
      source: "db-security-group",
      categories: CATEGORIES["db-security-group"],
    },
    {
      name: "snapshots",
      source: "db-snapshot",
      categories: CATEGORIES["db-snapshot"].filter((category) => category !== "creation"),
    },
    {
      name: "updates",
      source: "blue-green-deployment",
      categories: CATEGORIES["blue-green-deployment"],
    },
  ];
}
