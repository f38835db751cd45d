import type { ParameterEntry } from "./parameter-entry";

/**
 * What the server logs: enough to find a slow, waiting or spilling statement and who connected, and no
 * value that an application binds. CIS PostgreSQL benchmark, section 3; slow statements with the
 * parameter lengths at 0, since a benchmark that turns them off does it for the personal data in them.
 * Errors without their details for the same reason, where the benchmark keeps the server's default (3.1.22):
 * those hold the key of a duplicate, the row of a failed check, the line of a failed COPY.
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
    // A list of stages from 18 on, of which `on` stays a short form.
    set: { log_connections: ({ input }) => (input.majorVersion >= 18 ? "on" : true) },
    aws: { forced: { value: "1", why: "who logged in has to be found" } },
  },
  {
    set: { log_disconnections: true },
    aws: { forced: { value: "1", why: "how long somebody was logged in has to be found" } },
  },
  {
    set: { log_line_prefix: "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h " },
    whyNotGuide: "milliseconds order the lines of one second; the CIS benchmark asks for them",
    aws: {
      words: ["%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:", "%t:%r:%u@%d:[%p]:"],
      forced: {
        value: "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
        why: "of the two that RDS takes, this one names the moment, the line, the application and the error",
      },
    },
  },
  {
    set: { log_parameter_max_length: 0, log_parameter_max_length_on_error: 0 },
    aws: { forced: { value: "0", why: "values that an application binds are personal data" } },
  },
  { set: { log_timezone: "UTC" }, aws: { leftOut: "RDS logs in UTC, as this stack does" } },
];
