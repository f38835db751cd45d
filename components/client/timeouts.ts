import type { Client } from "pg";

/**
 * Time-outs that a server or a role may set, and that would end administrative work in the middle of it. Not all servers
 * know each: `transaction_timeout` is of PostgreSQL 17, `idle_session_timeout` of 14.
 */
const LIFTED = [
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "transaction_timeout",
] as const;

/**
 * Start-up options that lift what PostgreSQL 14 and later know, and what a statement may take and wait for locks: some are
 * over before a session's first statement.
 */
export const WITHOUT_TIMEOUTS = [
  ...LIFTED.filter((name) => name !== "transaction_timeout"),
  "lock_timeout",
  "statement_timeout",
]
  .map((name) => `-c ${name}=0`)
  .join(" ");

/** Lifts them for this session, as pg_dump does. */
export async function liftTimeouts(client: Client): Promise<void> {
  await client.query(
    `select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings
      where name = any ($1) and setting <> '0'`,
    [LIFTED],
  );
}
