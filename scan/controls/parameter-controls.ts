import { rdsParameters } from "../../components/homes/aws/database/plan/rds-parameters";
import { type Rules, ofType } from "./control";
import { type ResourceView, field } from "./resource-view";

const GROUP = "rds/parameterGroup";

/** A parameter's value; undefined if the group does not set it. */
export function parameter(group: ResourceView, name: string): string | undefined {
  const found = group.list("parameters").find((each) => field(each, "name") === name);
  const value = field(found, "value");
  return typeof value === "string" ? value : undefined;
}

const set =
  (name: string, value: string) =>
  (group: ResourceView): boolean =>
    parameter(group, name) === value;

const includes =
  (name: string, ...words: readonly string[]) =>
  (group: ResourceView): boolean => {
    const listed = (parameter(group, name) ?? "").split(",").map((each) => each.trim());
    return words.every((word) => listed.includes(word));
  };

export const parameterRules: readonly Rules[] = [
  ofType(GROUP, [
    ["RDS.38", "TLS for every session", set("rds.force_ssl", "1")],
    ["CIS 5.12", "passwords as SCRAM verifiers", set("password_encryption", "scram-sha-256")],
    ["CIS 5.12", "logins only with SCRAM", set("rds.accepted_password_auth_method", "scram")],
    ["CIS 3.1.14", "warnings in the log", set("log_min_messages", "warning")],
    ["CIS 3.1.15", "failed statements in the log", set("log_min_error_statement", "error")],
    ["CIS 3.1.16", "no parse trees in the log", set("debug_print_parse", "0")],
    ["CIS 3.1.17", "no rewritten trees in the log", set("debug_print_rewritten", "0")],
    ["CIS 3.1.18", "no plans in the log", set("debug_print_plan", "0")],
    ["CIS 3.1.20", "logins in the log", set("log_connections", "1")],
    ["CIS 3.1.21", "logouts in the log", set("log_disconnections", "1")],
    ["CIS 3.1.23", "no host name lookups for the log", set("log_hostname", "0")],
    [
      "CIS 3.1.24",
      "log lines with time, user, client and session",
      (group) =>
        ["%m", "%p", "%l", "%d", "%u", "%a", "%r"].every(isIn(parameter(group, "log_line_prefix"))),
    ],
    ["CIS 3.1.25", "DDL in the log", set("log_statement", "ddl")],
    ["CIS 3.1.26", "one time zone", set("timezone", "UTC")],
    [
      "CIS 3.2",
      "pgaudit, loaded",
      includes("shared_preload_libraries", "pgaudit", "pg_stat_statements"),
    ],
    ["CIS 3.2", "DDL and role changes audited", includes("pgaudit.log", "ddl", "role")],
    ["CIS 7.2", "replication in the log", set("log_replication_commands", "1")],
    [
      "CKV2_AWS_30",
      "slow statements in the log",
      (group) => Number(parameter(group, "log_min_duration_statement")) > 0,
    ],
    // Logs must not contain users' values. CIS 3.1.22 asks for the default, with which error details contain them.
    ["CIS 3.1.22", "errors without their details", set("log_error_verbosity", "terse")],
    ["values in logs", "no values in the log", set("log_parameter_max_length", "0")],
    ["values in logs", "no values in errors", set("log_parameter_max_length_on_error", "0")],
    ["values in logs", "no values in the audit", set("pgaudit.log_parameter", "0")],
    ["autovacuum", "autovacuum enabled", set("autovacuum", "1")],
    [
      "full storage",
      "a limit on WAL that an unused replication slot retains",
      (group) => Number(parameter(group, "max_slot_wal_keep_size")) > 0,
    ],
    ["units", "values in RDS's own units", (group) => group.list("parameters").every(isPlain)],
    [
      "apply method",
      "static parameters applied at a restart, others immediately",
      (group) => group.list("parameters").every(isApplied),
    ],
    [
      "major version",
      "the family of the servers' major version",
      (group) => {
        const version = majorVersionOf(group);
        return version !== undefined && group.is("family", `postgres${version}`);
      },
    ],
    ["replacement", "a name prefix, so that a replacement is created first", isPrefixed],
  ]),
];

/** The major version of the group's server, or of the replica's source. */
function majorVersionOf(group: ResourceView): string | undefined {
  const [server] = group.referrers("rds/instance", "parameterGroupName");
  if (server === undefined) return undefined;
  // A replica has its source's version; a promoted one has the stack's.
  const versions = [server, ...server.plan.of("rds/instance")].map((each) =>
    each.text("engineVersion"),
  );
  return versions.find((each) => each !== "")?.split(".")[0];
}

function isPrefixed(group: ResourceView): boolean {
  return (
    group.text("namePrefix") !== "" && !group.has("name") && !group.options.deleteBeforeReplace
  );
}

const isIn = (text: string | undefined) => (part: string) => text?.includes(part) === true;

/** Whether a value has no unit. RDS accepts integers in its own unit, not `2GB`. */
function isPlain(each: unknown): boolean {
  return !/^\d+\s*(B|kB|MB|GB|TB|us|ms|s|min|h|d)$/.test(String(field(each, "value")));
}

/** RDS refuses to apply a static parameter immediately. A dynamic one at its default has nothing to apply, so it is pending. */
function isApplied(each: unknown): boolean {
  const known = rdsParameters.get(String(field(each, "name")));
  if (known === undefined) return true;
  const method = field(each, "applyMethod");
  if (known.apply === "static") return method === "pending-reboot";
  return method === (field(each, "value") === known.default ? "pending-reboot" : "immediate");
}
