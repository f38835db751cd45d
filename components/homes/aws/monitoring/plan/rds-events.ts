/** Events of one kind of source that somebody is to hear of. */
interface Subscription {
  /** What it is called behind the stack's name. */
  readonly name: string;
  readonly source: string;
  readonly categories: readonly string[];
  /** Whether it is of the stack's own servers. @default - of all that the account has in the region, now and later */
  readonly ofServers?: true;
}

/**
 * What RDS tells people of by itself. Categories are the user guide's ("Amazon RDS event categories and event messages")
 * and what describe-event-categories answers with, without Aurora's and other engines' own; RDS refuses any other. To
 * hear of more, add it here and nowhere else.
 *
 * Backups that begin and end, day after day, and their snapshots are not worth a message: that none was made is an alarm.
 * Parameter groups get their names when they are made, and snapshots and copies for an update later still, so those of
 * other stacks in the account are heard of as well.
 */
export const subscriptions: readonly Subscription[] = [
  {
    name: "servers",
    source: "db-instance",
    categories: [
      "availability",
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
    ofServers: true,
  },
  { name: "parameters", source: "db-parameter-group", categories: ["configuration change"] },
  // Of security groups of EC2-Classic, which are gone; auditors ask for it nevertheless (Security Hub RDS.22).
  {
    name: "security-groups",
    source: "db-security-group",
    categories: ["configuration change", "failure"],
  },
  {
    name: "snapshots",
    source: "db-snapshot",
    categories: ["deletion", "notification", "restoration"],
  },
  {
    name: "updates",
    source: "blue-green-deployment",
    categories: ["creation", "deletion", "failure", "notification"],
  },
];
