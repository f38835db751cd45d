import { DATABASES, rolePlan } from "../../../../components/roles/plan/role-plan";
import {
  expectedRoles,
  type ExpectedRoles,
} from "../../../../components/roles/plan/expected-roles";
import { requireHome } from "../../../../components/homes/plan/registry";
import {
  type Change,
  differences,
  lines,
  withMember,
  withPrivilege,
  withRole,
  withSetting,
} from "./role-servers";

/** `external`: an external server in the local home. */
type RoleHome = "local" | "kubernetes" | "aws" | "external";

const rolesOf = (home: RoleHome, admin: string) =>
  home === "external"
    ? requireHome("local").roles(admin, true)
    : requireHome(home).roles(admin, false);

const ADMINS: readonly [RoleHome, string][] = [
  ["local", "postgres"],
  ["external", "tsdbadmin"],
  ["kubernetes", "_admin"],
  ["aws", "_admin"],
];

describe.each(ADMINS)("role drift of a server in home %s", (home, admin) => {
  it.each(DATABASES)("is empty for %s when the roles are as expected", (database) => {
    const name = admin.startsWith("_") ? `${database}${admin}` : admin;
    const expected = expectedRoles(rolePlan(database, 2), rolesOf(home, name), name);
    expect(lines(() => ({}), expected)).toEqual([]);
    // Optional roles of the home, such as an exporter's, may be missing.
    const required = expected.roles.filter((role) => role.required).map((role) => role.name);
    const optional: Change = ({ roles }) => ({
      roles: roles.filter((role) => required.includes(role.name)),
      memberships: expected.memberships.filter((each) => !each.optional),
    });
    expect(lines(optional, expected)).toEqual([]);
  });
});

describe("role drift in a home", () => {
  const at = (home: RoleHome, admin: string) =>
    expectedRoles(rolePlan("sark_audit", 1), rolesOf(home, admin), admin);
  const KUBERNETES = at("kubernetes", "sark_audit_admin");
  const AWS = at("aws", "sark_audit_admin");
  const EXTERNAL = at("external", "tsdbadmin");

  it.each<[string, ExpectedRoles, Change]>([
    ["other logins on an external server", EXTERNAL, withRole("grafana", {})],
    [
      "memberships and settings of other logins on an external server",
      EXTERNAL,
      (catalog) => ({
        ...withMember("grafana", "pg_read_all_data")(catalog),
        ...withSetting("", "", "work_mem", "1GB")(catalog),
      }),
    ],
    ["roles created by RDS", AWS, withRole("rds_superuser", { login: false, superuser: true })],
    ["memberships of the RDS master user", AWS, withMember("sark_master", "rds_superuser")],
    [
      "a database owned by RDS and open to PUBLIC",
      AWS,
      (catalog) => ({
        owners: [...catalog.owners.slice(0, 1), { database: "template1", owner: "rdsadmin" }],
        ...withPrivilege("PUBLIC", "CONNECT", "template1")(catalog),
      }),
    ],
    [
      "the database postgres, which the operator leaves open",
      KUBERNETES,
      withPrivilege("PUBLIC", "CONNECT", "postgres"),
    ],
  ])("ignores %s", (_what, expected, change) => {
    expect(lines(change, expected)).toEqual([]);
  });

  it.each<[string, ExpectedRoles, Change, string]>([
    [
      "another login in a group of the stack on an external server",
      EXTERNAL,
      withMember("grafana", "sark_audit_reader"),
      "grafana is now a member of sark_audit_reader: it can read the tables of sark_audit",
    ],
    [
      "a privilege of another login on the stack's database",
      EXTERNAL,
      withPrivilege("grafana", "CONNECT", "sark_audit"),
      "grafana may CONNECT to sark_audit",
    ],
    [
      "a superuser as administrator",
      KUBERNETES,
      withRole("sark_audit_admin", { superuser: true }),
      "sark_audit_admin is SUPERUSER: it can do everything on this server",
    ],
    [
      "an administrator that can act as the owner",
      AWS,
      withMember("sark_audit_admin", "sark_audit_owner", { admin: true, inherit: false }),
      "sark_audit_admin, a member of sark_audit_owner, can now become sark_audit_owner by SET ROLE",
    ],
    [
      "a member of the administrator",
      KUBERNETES,
      withMember("sark_audit_app_a", "sark_audit_admin"),
      "sark_audit_app_a is now a member of sark_audit_admin: it can do whatever the administrator of sark_audit can",
    ],
    [
      "a login of the stack in a role of RDS",
      AWS,
      withMember("sark_audit_app_a", "rds_superuser"),
      "sark_audit_app_a is now a member of rds_superuser: it can do whatever rds_superuser can",
    ],
  ])("reports %s", (_what, expected, change, text) => {
    expect(differences(change, expected)).toMatchObject([{ effect: "gained", text }]);
  });
});
