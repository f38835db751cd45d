import type { Accepted } from "./findings";

/** Findings that stay, each with its reason. One that no scanner reports any more is a failure, so that it goes. */
export const ACCEPTED: readonly Accepted[] = [
  {
    check: "networkpolicy-targets-pod",
    objects: /^NetworkPolicy (databases-|sark(-audit)?(-\d+)?-among-themselves$)/,
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
