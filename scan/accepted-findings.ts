import type { Accepted } from "./scan-findings";

// Accepted findings, each with its reason. An entry that matches no finding fails the scan, so stale entries are removed.

/** Accepted findings on Kubernetes. */
export const ACCEPTED_ON_KUBERNETES: readonly Accepted[] = [
  {
    check: "networkpolicy-targets-pod",
    objects: /^NetworkPolicy (databases-|sark(-audit)?(-g?\d+)?-among-themselves$)/,
    reason: "They select the databases' pods, which the operator creates and no manifest contains.",
  },
  {
    check: "CKV_K8S_43",
    objects: /^(Deployment pgbouncer|CronJob sark-audit-(analyze|restore-drill))$/,
    reason:
      "The stack dev names the images of PgBouncer, its exporter and TimescaleDB by tag, because they are its own or have no " +
      "published digest. A protected stack refuses such an image.",
  },
];

/** Accepted findings on AWS. */
export const ACCEPTED_ON_AWS: readonly Accepted[] = [
  {
    check: "CKV2_AWS_57",
    objects: /^aws_secretsmanager_secret (login-store-|sark-(\d+-)?master-secret$)/,
    reason:
      "Rotation by a Secrets Manager function would change passwords without the pool. Instead, two logins alternate: " +
      "`rotation` gives the idle one a new password and updates the secret.",
  },
  {
    check: "CKV_AWS_144",
    objects: /^aws_s3_bucket backups-archive-(copy-bucket|(copy-)?logs)$/,
    reason: "One is the copy in the second region; the others hold access logs, not backups.",
  },
  {
    check: "CKV_AWS_145",
    objects: /^aws_s3_bucket backups-archive-(copy-)?logs$/,
    reason: "S3 delivers access logs only to a bucket with S3-managed encryption.",
  },
];
