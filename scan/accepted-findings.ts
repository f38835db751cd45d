import type { Accepted } from "./scan-findings";

// Findings that stay, each with its reason. One that no scanner reports any more is a failure, so that it goes.

/** On what stacks put on Kubernetes. */
export const ACCEPTED_ON_KUBERNETES: readonly Accepted[] = [
  {
    check: "networkpolicy-targets-pod",
    objects: /^NetworkPolicy (databases-|sark(-audit)?(-g?\d+)?-among-themselves$)/,
    reason: "They select the databases' pods, which the operator makes: no manifest has them.",
  },
  {
    check: "CKV_K8S_43",
    objects: /^(Deployment pgbouncer|CronJob sark-audit-analyze)$/,
    reason:
      "The stack dev names the images of PgBouncer, its exporter and TimescaleDB by tag: they are its own, or no " +
      "digest of theirs is published. A protected stack refuses such an image.",
  },
];

/** On what they make on AWS. */
export const ACCEPTED_ON_AWS: readonly Accepted[] = [
  {
    check: "CKV2_AWS_57",
    objects: /^aws_secretsmanager_secret (login-store-|sark-(\d+-)?master-secret$)/,
    reason:
      "A function of Secrets Manager's would change passwords behind the back of the pool. The logins alternate instead: " +
      "`rotation` gives the one that is idle a new password, and the secret follows.",
  },
  {
    check: "CKV_AWS_144",
    objects: /^aws_s3_bucket backups-archive-(copy-bucket|(copy-)?logs)$/,
    reason: "They are the copy in the second region, and the access logs, which are no backups.",
  },
  {
    check: "CKV_AWS_145",
    objects: /^aws_s3_bucket backups-archive-(copy-)?logs$/,
    reason: "S3 delivers access logs to a bucket with its own encryption only.",
  },
];
