import type { RoleCatalog } from "../../../../components/roles/plan/role-catalog-types";
import { diffRoles } from "../../../../components/roles/plan/role-diff";
import {
  catalogOf,
  type Change,
  LOCAL,
  lines,
  withMember,
  withPrivilege,
  withRole,
  withSetting,
} from "./role-servers";

describe("role drift of gained privileges", () => {
  it.each<[string, Change, string, string]>([
    [
      "SUPERUSER",
      withRole("sark_readonly_a", { superuser: true }),
      "sark_readonly_a is SUPERUSER: it can do everything on this server",
      "ALTER ROLE sark_readonly_a NOSUPERUSER",
    ],
    [
      "LOGIN of a group",
      withRole("sark_owner", { login: true }),
      "sark_owner has LOGIN: it can connect",
      "ALTER ROLE sark_owner NOLOGIN",
    ],
    [
      "INHERIT of the migration login",
      withRole("sark_migrate", { inherit: true }),
      "sark_migrate has INHERIT: it has the privileges of its groups without SET ROLE",
      "ALTER ROLE sark_migrate NOINHERIT",
    ],
    [
      "BYPASSRLS",
      withRole("sark_reader", { bypassRowSecurity: true }),
      "sark_reader has BYPASSRLS: row level security does not apply to it",
      "ALTER ROLE sark_reader NOBYPASSRLS",
    ],
    [
      "an attribute of the home's role",
      withRole("sark_replication", { createRole: true }),
      "sark_replication has CREATEROLE: it can create roles, and change those that it administers",
      "ALTER ROLE sark_replication NOCREATEROLE",
    ],
    [
      "a membership",
      withMember("sark_monitor", "sark_owner"),
      "sark_monitor is now a member of sark_owner: it can read, change and drop every table of sark",
      "REVOKE sark_owner FROM sark_monitor",
    ],
    [
      "a membership before PostgreSQL 16",
      withMember("sark_monitor", "sark_writer", { inherit: null, set: null }),
      "sark_monitor is now a member of sark_writer: it can read and change the rows of sark",
      "REVOKE sark_writer FROM sark_monitor",
    ],
    [
      "a membership that needs SET ROLE",
      withMember("sark_app_a", "sark_reader", { inherit: false }),
      "sark_app_a is now a member of sark_reader: it can read the tables of sark, after SET ROLE sark_reader",
      "REVOKE sark_reader FROM sark_app_a",
    ],
    [
      "a predefined role",
      withMember("sark_app_a", "pg_execute_server_program"),
      "sark_app_a is now a member of pg_execute_server_program: it can run programs on the server",
      "REVOKE pg_execute_server_program FROM sark_app_a",
    ],
    [
      "a membership of a predefined role",
      withMember("pg_monitor", "sark_reader"),
      "pg_monitor is now a member of sark_reader: it can read the tables of sark",
      "REVOKE sark_reader FROM pg_monitor",
    ],
    [
      "the admin option of a membership",
      withMember("sark_app_a", "sark_writer", { admin: true }),
      "sark_app_a, a member of sark_writer, can now make others a member of sark_writer",
      "REVOKE ADMIN OPTION FOR sark_writer FROM sark_app_a",
    ],
    [
      "the inherit option of a membership",
      withMember("sark_migrate", "sark_owner"),
      "sark_migrate, a member of sark_owner, can now read, change and drop every table of sark without SET ROLE",
      "GRANT sark_owner TO sark_migrate WITH INHERIT FALSE",
    ],
    [
      "CONNECT for PUBLIC",
      withPrivilege("PUBLIC", "CONNECT"),
      "PUBLIC may CONNECT to sark",
      "REVOKE CONNECT ON DATABASE sark FROM PUBLIC",
    ],
    [
      "CONNECT for PUBLIC to a closed database",
      withPrivilege("PUBLIC", "CONNECT", "postgres"),
      "PUBLIC may CONNECT to postgres",
      "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
    ],
    [
      "a grant option",
      withPrivilege("sark_writer", "CONNECT", "sark", true),
      "sark_writer may grant CONNECT on sark to others",
      "REVOKE GRANT OPTION FOR CONNECT ON DATABASE sark FROM sark_writer",
    ],
    [
      "the ownership of the database",
      ({ owners }) => ({ owners: [{ database: "sark", owner: "sark_app_a" }, ...owners] }),
      "sark_app_a owns the database sark: it can grant and revoke its privileges, and drop it; the owner should be postgres",
      "ALTER DATABASE sark OWNER TO postgres",
    ],
    [
      "a default privilege",
      ({ defaults }) => ({
        defaults: [
          ...defaults,
          {
            ...{ owner: "sark_owner", schema: "", objects: "TABLES" },
            ...{ grantee: "sark_monitor", privilege: "SELECT" },
          },
        ],
      }),
      "sark_monitor gets SELECT on all TABLES that sark_owner creates from now on",
      "ALTER DEFAULT PRIVILEGES FOR ROLE sark_owner REVOKE SELECT ON TABLES FROM sark_monitor",
    ],
    [
      "an unknown login with a quoted name",
      withRole('bo"b', { createDatabase: true }),
      'bo"b is not a role of this stack: it has LOGIN (it can connect), CREATEDB (it can create databases)',
      'DROP ROLE "bo""b"',
    ],
  ])("reports %s with the statement that undoes it", (_what, change, text, undo) => {
    const found = lines(change).filter(([, each]) => each === text);
    expect(found).toEqual([["gained", text, undo]]);
  });

  it("is listed before lost privileges, and those before other differences", () => {
    const catalog = catalogOf(LOCAL);
    const changes = [
      withSetting("sark_app_a", "sark", "lock_timeout", "9s"),
      withRole("sark_app_a", { login: false, connectionLimit: 1 }),
      withMember("bob", "sark_writer"),
      withRole("bob", {}),
    ];
    const changed = changes.reduce<RoleCatalog>(
      (is, change) => ({ ...is, ...change(is) }),
      catalog,
    );
    expect(diffRoles(LOCAL, changed).map(({ effect }) => effect)).toEqual([
      ...["gained", "gained", "lost", "other", "other"],
    ]);
  });
});
