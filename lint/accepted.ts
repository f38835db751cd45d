import type { Accepted } from "./findings";

/** Findings that stay, each with its reason. One that no rule reports any more is a failure, so that it goes. */
export const ACCEPTED: readonly Accepted[] = [
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000004_policies.sql",
    source: /^ {2}version integer not null,$/,
    reason:
      "Versions are published by people, one at a time: two thousand million are never reached.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000006_rate_limits.sql",
    source: /^ {2}window_seconds integer not null,$/,
    reason: "A check allows a day, 86,400, at most.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark/000006_rate_limits.sql",
    source: /^ {2}(previous_)?hits integer not null( default 0)?,$/,
    reason:
      "A window counts no more hits than its limit, which is an integer; narrow rows keep the busiest table small.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000002_policy_evaluations.sql",
    source: /^ {2}policy_version integer,$/,
    reason: "It is policy_versions.version in database sark, and has its type.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000002_policy_evaluations.sql",
    source: /^ {2}duration_ms integer not null,$/,
    reason: "It holds 24 days; a decision takes milliseconds. The aggregates add it up as bigint.",
  },
  {
    rule: "squawk/prefer-bigint-over-int",
    file: "sql/sark_audit/000008_digests.sql",
    source: /^ {2}version integer not null,$/,
    reason: "A version of the digests comes with a migration file; there are a few in a life.",
  },
];
