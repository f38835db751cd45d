import type { Accepted } from "./findings";

/** Accepted findings, each with its reason. An entry that matches no finding fails the lint, so stale entries are removed. */
export const ACCEPTED: readonly Accepted[] = [
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000004_policies.sql",
    source: /^ {2}version integer not null,$/,
    reason:
      "People publish versions one at a time, so the limit of 2,147,483,647 is never reached.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000006_rate_limits.sql",
    source: /^ {2}window_seconds integer not null,$/,
    reason: "A check constraint limits it to one day, 86,400.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000006_rate_limits.sql",
    source: /^ {2}(previous_)?hits integer not null( default 0)?,$/,
    reason:
      "Hits never exceed the window's limit, which is an integer. Narrow rows keep the busiest table small.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000002_policy_evaluations.sql",
    source: /^ {2}policy_version integer,$/,
    reason: "Copies policy_versions.version in database sark, so it has the same type.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000002_policy_evaluations.sql",
    source: /^ {2}duration_ms integer not null,$/,
    reason: "It holds 24 days; a decision takes milliseconds. The aggregates sum it as bigint.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000008_digests.sql",
    source: /^ {2}version integer not null,$/,
    reason: "Only a migration file changes the digest version, a few times in a lifetime.",
  },
];
