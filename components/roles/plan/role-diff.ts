/** Compares the expected roles of a server with its actual roles, in words. Pure. */
import {
  type CatalogRole,
  type DatabasePrivilege,
  type DefaultPrivilege,
  CATALOG_PUBLIC,
  isPredefined,
  type Membership,
  type RoleAttributes,
  type RoleCatalog,
  type RoleSetting,
} from "./role-catalog-types";
import type { ExpectedRole, ExpectedRoles } from "./expected-roles";
import type { RoleDifference } from "./role-messages";
import * as words from "./role-messages";
import * as privilegeWords from "./privilege-messages";

const EFFECTS: readonly RoleDifference["effect"][] = ["gained", "lost", "other"];

/** Differences: gained privileges first, then lost ones, then others. */
export function diffRoles(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const all = [
    ...attributes(expected, actual),
    ...memberships(expected, actual),
    ...owners(expected, actual),
    ...privileges(expected, actual),
    ...defaults(expected, actual),
    ...settings(expected, actual),
    ...(expected.managesServer ? actual.altered.map(words.alteredSetting) : []),
  ];
  return EFFECTS.flatMap((effect) => all.filter((each) => each.effect === effect));
}

function attributes(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const found = new Map(actual.roles.map((role) => [role.name, role]));
  const named = new Set(expected.roles.map(({ name }) => name));
  const differences = expected.roles.flatMap((role): readonly RoleDifference[] => {
    const is = found.get(role.name);
    if (is !== undefined) return attributesOf(role, is);
    return role.required ? [words.missingRole(role.name)] : [];
  });
  const unknown = actual.roles.filter(({ name }) => !named.has(name) && isUnknown(expected, name));
  return [...differences, ...unknown.map(words.unknownRole)];
}

function attributesOf(
  { name, attributes: wanted }: ExpectedRole,
  is: CatalogRole,
): readonly RoleDifference[] {
  const keys = Object.keys(wanted) as (keyof RoleAttributes)[];
  return keys.flatMap((key) => {
    const value = wanted[key];
    if (value === undefined || is[key] === value) return [];
    return [words.changedAttribute(name, key, is, value)];
  });
}

/** Whether a role that is not listed is unknown to both the stack and the home. */
function isUnknown({ managesServer, prefix }: ExpectedRoles, name: string): boolean {
  return managesServer && (prefix === undefined || !name.startsWith(prefix));
}

function memberships(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const roles = new Map(expected.roles.map((role) => [role.name, role]));
  const known = (member: string): boolean =>
    roles.get(member)?.membershipsKnown ?? (isPredefined(member) || isUnknown(expected, member));
  const ours = (role: string): boolean =>
    role === expected.admin || roles.get(role)?.required === true;
  const compared = ({ member, role }: Membership) => known(member) || ours(role);

  const key = ({ member, role }: Membership) => JSON.stringify([member, role]);
  const wanted = new Map(expected.memberships.map((each) => [key(each), each]));
  const found = new Map(actual.memberships.map((each) => [key(each), each]));
  // A missing role is reported only once.
  const there = new Set(actual.roles.map(({ name }) => name));
  return [
    ...actual.memberships.filter(compared).flatMap((is): readonly RoleDifference[] => {
      const membership = wanted.get(key(is));
      return membership === undefined
        ? [words.newMembership(is, expected.privilegeTexts)]
        : words.membershipOptions(membership, is, expected.privilegeTexts);
    }),
    ...expected.memberships
      .filter((each) => !each.optional && !found.has(key(each)) && there.has(each.member))
      .map((each) => words.lostMembership(each, expected.privilegeTexts)),
  ];
}

function owners(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const { database, owner: wanted } = expected;
  const is = actual.owners.find((each) => each.database === database)?.owner;
  if (wanted === undefined || is === undefined || is === wanted) return [];
  return [privilegeWords.changedOwner(database, is, wanted)];
}

function privileges(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const { database, closed } = expected;
  const isClosed = (name: string): boolean =>
    closed?.databases.includes(name) === true &&
    actual.owners.some((each) => each.database === name && each.owner === closed.owner);
  const compared = (each: DatabasePrivilege): boolean =>
    each.database === database || (isClosed(each.database) && each.grantee === CATALOG_PUBLIC);

  const key = (each: DatabasePrivilege) =>
    JSON.stringify([each.database, each.grantee, each.privilege]);
  const wanted = new Set(expected.privileges.map(key));
  const found = new Set(actual.privileges.map(key));
  // A missing role is reported only once; an owner has every privilege.
  const owner = actual.owners.find((each) => each.database === database)?.owner;
  const there = new Set(actual.roles.map(({ name }) => name).filter((name) => name !== owner));
  return [
    ...actual.privileges.filter(compared).flatMap((is): readonly RoleDifference[] => {
      if (!wanted.has(key(is))) return [privilegeWords.newPrivilege(is)];
      return is.grantable ? [privilegeWords.grantOption(is)] : [];
    }),
    ...expected.privileges
      .filter((each) => !found.has(key(each)))
      .filter(({ grantee }) => there.has(grantee) || isPredefined(grantee))
      .map(privilegeWords.lostPrivilege),
  ];
}

/** Default privileges of the stack's roles and its administrator. */
function defaults(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const key = (each: DefaultPrivilege) => JSON.stringify(Object.entries(each).sort());
  const wanted = new Set(expected.defaults.map(key));
  const found = new Set(actual.defaults.map(key));
  const owners = new Set(expected.defaults.map(({ owner }) => owner));
  const there = new Set(actual.roles.map(({ name }) => name));
  return [
    ...actual.defaults
      .filter((each) => owners.has(each.owner) && !wanted.has(key(each)))
      .map(privilegeWords.newDefault),
    ...expected.defaults
      .filter((each) => !found.has(key(each)) && there.has(each.owner))
      .filter(({ grantee }) => grantee === CATALOG_PUBLIC || there.has(grantee))
      .map(privilegeWords.lostDefault),
  ];
}

/**
 * Settings of the stack's roles, of its administrator, of all roles in its database, and of all roles on its own
 * server.
 */
function settings(expected: ExpectedRoles, actual: RoleCatalog): readonly RoleDifference[] {
  const { database, admin, managesServer } = expected;
  const ours = new Set([
    ...expected.roles.filter(({ required }) => required).map(({ name }) => name),
    ...(managesServer ? [admin] : []),
  ]);
  const compared = (each: RoleSetting): boolean =>
    each.role === ""
      ? each.database === database || (each.database === "" && managesServer)
      : ours.has(each.role);

  const key = (each: RoleSetting) => JSON.stringify([each.role, each.database, each.name]);
  const wanted = new Map(expected.settings.map((each) => [key(each), each.value]));
  const found = new Set(actual.settings.map(key));
  const there = new Set(actual.roles.map(({ name }) => name));
  return [
    ...actual.settings.filter(compared).flatMap((is): readonly RoleDifference[] => {
      const value = wanted.get(key(is));
      return value === is.value ? [] : [words.changedSetting(is, value)];
    }),
    ...expected.settings
      .filter((each) => !found.has(key(each)) && there.has(each.role))
      .map(words.missingSetting),
  ];
}
