import type { ParameterEntry } from "./parameter-entry";

/**
 * Log parameters. They show slow, waiting and spilling statements and who connected, but no bind values.
 *
 * Source: CIS PostgreSQL benchmark, section 3. Two differences, because of personal data: slow statements are logged
 * with the parameter lengths at 0 (the benchmark turns them off for that reason), and errors are logged without
 * details, where the benchmark keeps the default (3.1.22). Details hold the key of a duplicate, the row of a failed
 * check, or the line of a failed COPY.
 */
export const logParameters: readonly ParameterEntry[] = [
  {
    set: {
      debug_print_parse: false,
      debug_print_plan: false,
      debug_print_rewritten: false,
      log_autovacuum_min_duration: 0,
      log_error_verbosity: "terse",
      log_hostname: false,
      log_lock_waits: true,
      log_min_duration_statement: 1000,
      log_min_error_statement: "error",
      log_min_messages: "warning",
      log_replication_commands: true,
      log_statement: "ddl",
      log_temp_files: 0,
      timezone: "UTC",
    },
  },
  { set: { log_checkpoints: true }, aws: { default: "1" } },
  {
    // A list of stages since PostgreSQL 18; `on` is still accepted as a short form.
    set: { log_connections: ({ input }) => (input.majorVersion >= 18 ? "on" : true) },
    aws: { forced: { value: "1", why: "logins must be traceable" } },
  },
  {
    set: { log_disconnections: true },
    aws: { forced: { value: "1", why: "session times must be traceable" } },
  },
  {
    set: { log_line_prefix: "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h " },
    whyNotGuide: "milliseconds order the lines within a second; the CIS benchmark requires them",
    aws: {
      words: ["%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:", "%t:%r:%u@%d:[%p]:"],
      forced: {
        value: "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
        why: "RDS allows two prefixes; this one has the timestamp, line number, application and error code",
      },
    },
  },
  {
    set: { log_parameter_max_length: 0, log_parameter_max_length_on_error: 0 },
    aws: { forced: { value: "0", why: "bind values are personal data" } },
  },
  { set: { log_timezone: "UTC" }, aws: { leftOut: "RDS always logs in UTC, as this stack does" } },
];
