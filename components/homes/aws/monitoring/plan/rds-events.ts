/** An RDS event subscription: one kind of source and its event categories. */
interface Subscription {
  /** Its name after the stack's name. */
  readonly name: string;
  readonly source: string;
  readonly categories: readonly string[];
  /**
   * Whether it covers the stack's own servers only.
   * @default - all sources of the account in the region, present and future
   */
  readonly ofServers?: true;
}

/**
 * RDS events that are sent to the alarm topic. Categories are those of the user guide ("Amazon RDS event categories and
 * event messages") and of describe-event-categories, without Aurora's and other engines'; RDS refuses any other. To
 * subscribe to more, add it here and nowhere else.
 *
 * Daily backups and their snapshots are left out; a missing backup raises an alarm. Names of parameter groups,
 * snapshots and blue/green deployments are not known in advance, so events of other stacks in the account are sent as
 * well.
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
  // A change's event names its apply method, such as pending-reboot. CloudWatch has no metric of parameters that wait for
  // a restart, so this is the only message about one that somebody changed outside of the stack.
  { name: "parameters", source: "db-parameter-group", categories: ["configuration change"] },
  // DB security groups of EC2-Classic no longer exist, but auditors ask for this subscription (Security Hub RDS.22).
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
