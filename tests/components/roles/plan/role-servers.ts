/** Catalogs of a server with the expected roles, and changes to them. */
import { requireHome } from "../../../../components/homes/plan/registry";
import { rolePlan } from "../../../../components/roles/plan/role-plan";
import type {
  CatalogRole,
  RoleCatalog,
} from "../../../../components/roles/plan/role-catalog-types";
import { diffRoles } from "../../../../components/roles/plan/role-diff";
import {
  expectedRoles,
  type ExpectedRoles,
} from "../../../../components/roles/plan/expected-roles";
import { PLAIN_LOGIN } from "../../../../components/roles/plan/home-roles";

export const LOCAL = expectedRoles(
  rolePlan("sark", 1),
  requireHome("local").roles("postgres", false),
  "postgres",
);

/** A server exactly as expected. */
export function catalogOf(expected: ExpectedRoles): RoleCatalog {
  return {
    roles: expected.roles.map(({ name, attributes }) => ({ ...PLAIN_LOGIN, ...attributes, name })),
    memberships: expected.memberships.map(({ member, role, admin, inherit, set }) => ({
      ...{ member, role, admin, inherit, set },
    })),
    settings: expected.settings,
    owners: [
      { database: expected.database, owner: expected.owner ?? "somebody" },
      ...(expected.closed?.databases ?? []).map((database) => ({
        ...{ database, owner: expected.closed?.owner ?? "" },
      })),
    ],
    privileges: expected.privileges,
    defaults: expected.defaults,
    altered: [],
  };
}

export type Change = (catalog: RoleCatalog) => Partial<RoleCatalog>;

export function differences(change: Change, expected = LOCAL) {
  const catalog = catalogOf(expected);
  return diffRoles(expected, { ...catalog, ...change(catalog) });
}

export const lines = (change: Change, expected = LOCAL) =>
  differences(change, expected).map(({ effect, text, undo }) => [effect, text, undo]);

/** Adds a role, or changes its attributes. */
export const withRole =
  (name: string, attributes: Partial<CatalogRole>): Change =>
  ({ roles }) => ({
    roles: [
      ...roles.filter((role) => role.name !== name),
      {
        ...(roles.find((role) => role.name === name) ?? { ...PLAIN_LOGIN, name }),
        ...attributes,
      },
    ],
  });

/** Adds a membership, or changes its options. */
export const withMember =
  (member: string, role: string, options: object = {}): Change =>
  ({ memberships }) => ({
    memberships: [
      ...memberships.filter((each) => each.member !== member || each.role !== role),
      { member, role, admin: false, inherit: true, set: true, ...options },
    ],
  });

/** Adds a setting, or changes it. */
export const withSetting =
  (role: string, database: string, name: string, value: string): Change =>
  ({ settings }) => ({
    settings: [
      ...settings.filter((each) => each.role !== role || each.name !== name),
      { role, database, name, value },
    ],
  });

/** Adds a privilege, or changes its grant option. */
export const withPrivilege =
  (grantee: string, privilege: string, database = "sark", grantable = false): Change =>
  ({ privileges }) => ({
    privileges: [
      ...privileges.filter((each) => each.grantee !== grantee || each.privilege !== privilege),
      { database, grantee, privilege, grantable },
    ],
  });
