import type { MajorVersion } from "../parameters";
import type { Figures } from "./rendered";

/**
 * What the server logs: enough to find a slow, waiting or spilling statement and who connected, and no
 * value that an application binds. CIS PostgreSQL benchmark, section 3; slow statements with the
 * parameter lengths at 0, since a benchmark that turns them off does it for the personal data in them.
 * Errors without their details for the same reason, where the benchmark keeps the server's default (3.1.22):
 * those hold the key of a duplicate, the row of a failed check, the line of a failed COPY.
 */
export function loggingFigures(major: MajorVersion): Figures {
  return {
    debug_print_parse: false,
    debug_print_plan: false,
    debug_print_rewritten: false,
    log_autovacuum_min_duration: 0,
    log_checkpoints: true,
    // A list of stages from 18 on, of which `on` stays a short form.
    log_connections: major >= 18 ? "on" : true,
    log_disconnections: true,
    log_error_verbosity: "terse",
    log_hostname: false,
    // The guide's, with %m for %t: milliseconds order the lines of one second.
    log_line_prefix: "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    log_lock_waits: true,
    log_min_duration_statement: 1000,
    log_min_error_statement: "error",
    log_min_messages: "warning",
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_replication_commands: true,
    log_statement: "ddl",
    log_temp_files: 0,
    log_timezone: "UTC",
    timezone: "UTC",
  };
}
