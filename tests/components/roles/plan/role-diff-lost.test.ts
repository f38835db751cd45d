import { type Change, lines, withRole, withSetting } from "./role-servers";

describe("role drift", () => {
  it.each<[string, Change, string, string, string | undefined]>([
    [
      "a login without LOGIN",
      withRole("sark_app_b", { login: false }),
      "lost",
      "sark_app_b has lost LOGIN",
      "ALTER ROLE sark_app_b LOGIN",
    ],
    [
      "a missing role",
      ({ roles }) => ({ roles: roles.filter(({ name }) => name !== "sark_pgbouncer") }),
      "lost",
      'sark_pgbouncer does not exist; to restore it, see "Drift" in docs/failures.md',
      undefined,
    ],
    [
      "a missing membership",
      ({ memberships }) => ({
        memberships: memberships.filter(({ member }) => member !== "sark_app_a"),
      }),
      "lost",
      "sark_app_a is no longer a member of sark_writer: it cannot read and change the rows of sark",
      "GRANT sark_writer TO sark_app_a",
    ],
    [
      "a missing privilege",
      ({ privileges }) => ({
        privileges: privileges.filter(({ grantee }) => grantee !== "sark_reader"),
      }),
      "lost",
      "sark_reader may no longer CONNECT to sark",
      "GRANT CONNECT ON DATABASE sark TO sark_reader",
    ],
    [
      "a missing default privilege",
      ({ defaults }) => ({ defaults: defaults.filter(({ grantee }) => grantee !== "sark_reader") }),
      "lost",
      "sark_reader no longer gets SELECT on all TABLES that sark_owner creates in schema public from now on",
      "ALTER DEFAULT PRIVILEGES FOR ROLE sark_owner IN SCHEMA public GRANT SELECT ON TABLES TO sark_reader",
    ],
    [
      "a changed connection limit",
      withRole("sark_monitor", { connectionLimit: -1 }),
      "other",
      "sark_monitor has no connection limit; the stack sets a connection limit of 5",
      "ALTER ROLE sark_monitor CONNECTION LIMIT 5",
    ],
    [
      "a password expiry",
      withRole("sark_app_a", { validUntil: "2030-01-01 00:00:00 UTC" }),
      "other",
      "the password of sark_app_a is valid until 2030-01-01 00:00:00 UTC; the stack sets no expiry",
      "ALTER ROLE sark_app_a VALID UNTIL 'infinity'",
    ],
    [
      "an unknown group",
      withRole("team", { login: false }),
      "other",
      "team is not a role of this stack and cannot log in",
      "DROP ROLE team",
    ],
    [
      "a setting that the CLI's provider cannot parse",
      ({ settings }) => ({
        settings: [
          ...settings,
          { role: "sark_readonly_a", database: "", name: "statement_timeout", value: "7s" },
        ],
      }),
      "other",
      "sark_readonly_a has the setting statement_timeout = 7s; the stack does not set it. `pulumi refresh` fails on it",
      "ALTER ROLE sark_readonly_a RESET statement_timeout",
    ],
    [
      "a setting that the provider can parse",
      ({ settings }) => ({
        settings: [
          ...settings,
          { role: "sark_readonly_a", database: "", name: "statement_timeout", value: "7000" },
        ],
      }),
      "other",
      "sark_readonly_a has the setting statement_timeout = 7000; the stack does not set it",
      "ALTER ROLE sark_readonly_a RESET statement_timeout",
    ],
    [
      "a changed setting of a role in the database",
      withSetting("sark_app_a", "sark", "lock_timeout", "0"),
      "other",
      "sark_app_a has the setting lock_timeout = 0 in sark; the stack sets lock_timeout = 5s",
      "ALTER ROLE sark_app_a IN DATABASE sark SET lock_timeout = '5s'",
    ],
    [
      "a missing setting",
      ({ settings }) => ({
        settings: settings.filter(
          ({ role, name }) => role !== "sark_app_a" || name !== "statement_timeout",
        ),
      }),
      "other",
      "sark_app_a has no setting statement_timeout in sark; the stack sets 30s",
      "ALTER ROLE sark_app_a IN DATABASE sark SET statement_timeout = '30s'",
    ],
    [
      "a setting of the whole database",
      withSetting("", "sark", "work_mem", "1GB"),
      "other",
      "every role has the setting work_mem = 1GB in sark; the stack does not set it",
      "ALTER DATABASE sark RESET work_mem",
    ],
    [
      "an application's setting without its value, which may be a key",
      withSetting("", "", "app.Key", "hush"),
      "other",
      "every role has the setting app.Key; the stack does not set it",
      'ALTER ROLE ALL RESET app."Key"',
    ],
  ])("reports %s with the statement that undoes it", (_what, change, effect, text, undo) => {
    expect(lines(change)).toEqual([[effect, text, undo]]);
  });
});
