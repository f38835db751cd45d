/** Describes differences between roles, with the statement that undoes each. Pure. */
import {
  type CatalogRole,
  type Membership,
  type MembershipOptions,
  type RoleAttributes,
  type RoleSetting,
} from "./role-catalog-types";
import { sqlName } from "../../sql-text/sql-names";

export interface RoleDifference {
  /** `gained`: a role has more privileges than in the stack. `lost`: fewer. */
  readonly effect: "gained" | "lost" | "other";
  /** Sentence without a full stop. */
  readonly text: string;
  /** Statement that undoes the difference, if there is one. */
  readonly undo?: string;
}

type Powers = Readonly<Record<string, string>>;

/** Attributes that grant privileges: keyword and meaning. */
const ATTRIBUTE_TEXTS = {
  login: ["LOGIN", "it can connect"],
  inherit: ["INHERIT", "it has the privileges of its groups without SET ROLE"],
  superuser: ["SUPERUSER", "it can do everything on this server"],
  createRole: ["CREATEROLE", "it can create roles, and change those that it administers"],
  createDatabase: ["CREATEDB", "it can create databases"],
  replication: ["REPLICATION", "it can copy the whole server"],
  bypassRowSecurity: ["BYPASSRLS", "row level security does not apply to it"],
} as const;

/** Privileges of predefined roles, in words. */
const PREDEFINED: Powers = {
  pg_read_all_data: "read every table of every database",
  pg_write_all_data: "change every row of every database",
  pg_execute_server_program: "run programs on the server",
  pg_read_server_files: "read the server's files",
  pg_write_server_files: "write the server's files",
  pg_monitor: "read all settings and statistics, other sessions' statements included",
  pg_read_all_settings: "read all settings",
  pg_read_all_stats: "read all statistics, other sessions' statements included",
  pg_signal_backend: "end other sessions",
  pg_checkpoint: "run checkpoints",
};

/** Settings of a role that the PostgreSQL provider parses as milliseconds. */
const READ_AS_NUMBER = ["idle_in_transaction_session_timeout", "statement_timeout"];

export function missingRole(name: string): RoleDifference {
  return {
    effect: "lost",
    text: `${name} does not exist; to restore it, see "Drift" in docs/failures.md`,
  };
}

export function unknownRole(role: CatalogRole): RoleDifference {
  const { name } = role;
  const powers = Object.entries(ATTRIBUTE_TEXTS).flatMap(([key, [keyword, can]]) =>
    role[key as keyof typeof ATTRIBUTE_TEXTS] && key !== "inherit" ? [`${keyword} (${can})`] : [],
  );
  const text = `${name} is not a role of this stack`;
  return {
    effect: powers.length > 0 ? "gained" : "other",
    text: `${text}${powers.length > 0 ? `: it has ${powers.join(", ")}` : " and cannot log in"}`,
    undo: `DROP ROLE ${sqlName(name)}`,
  };
}

export function changedAttribute(
  name: string,
  key: keyof RoleAttributes,
  is: RoleAttributes,
  wanted: RoleAttributes[keyof RoleAttributes],
): RoleDifference {
  const alter = `ALTER ROLE ${sqlName(name)}`;
  if (key === "connectionLimit") {
    const limit = (value: unknown) =>
      value === -1 ? "no connection limit" : `a connection limit of ${String(value)}`;
    return {
      effect: "other",
      text: `${name} has ${limit(is[key])}; the stack sets ${limit(wanted)}`,
      undo: `${alter} CONNECTION LIMIT ${String(wanted)}`,
    };
  }
  if (key === "validUntil") {
    return {
      effect: "other",
      text: `the password of ${name} is valid until ${is[key] ?? "infinity"}; the stack sets no expiry`,
      undo: `${alter} VALID UNTIL 'infinity'`,
    };
  }
  const [keyword, can] = ATTRIBUTE_TEXTS[key];
  return is[key]
    ? {
        effect: "gained",
        text: `${name} ${key === "superuser" ? "is" : "has"} ${keyword}: ${can}`,
        undo: `${alter} NO${keyword}`,
      }
    : { effect: "lost", text: `${name} has lost ${keyword}`, undo: `${alter} ${keyword}` };
}

export function newMembership(is: Membership, powers: Powers): RoleDifference {
  const { member, role } = is;
  const allowed = [
    ...(is.inherit === false && is.set === false
      ? []
      : [
          `${powerOf(role, powers)}${is.inherit === false ? `, after SET ROLE ${sqlName(role)}` : ""}`,
        ]),
    ...(is.admin ? [`make others a member of ${role}`] : []),
  ];
  const can = allowed.length > 0 ? `: it can ${allowed.join(", and ")}` : "";
  return {
    effect: allowed.length > 0 ? "gained" : "other",
    text: `${member} is now a member of ${role}${can}`,
    undo: `REVOKE ${sqlName(role)} FROM ${sqlName(member)}`,
  };
}

export function lostMembership({ member, role }: Membership, powers: Powers): RoleDifference {
  return {
    effect: "lost",
    text: `${member} is no longer a member of ${role}: it cannot ${powerOf(role, powers)}`,
    undo: `GRANT ${sqlName(role)} TO ${sqlName(member)}`,
  };
}

export function membershipOptions(
  wanted: Membership,
  is: Membership,
  powers: Powers,
): readonly RoleDifference[] {
  const { member, role } = is;
  const can: Readonly<Record<keyof MembershipOptions, string>> = {
    admin: `make others a member of ${role}`,
    inherit: `${powerOf(role, powers)} without SET ROLE`,
    set: `become ${role} by SET ROLE`,
  };
  return (["admin", "inherit", "set"] as const)
    .filter((option) => is[option] !== null && is[option] !== wanted[option])
    .map((option) => ({
      effect: is[option] ? "gained" : "lost",
      text: `${member}, a member of ${role}, ${is[option] ? "can now" : "can no longer"} ${can[option]}`,
      undo:
        option === "admin" && !wanted.admin
          ? `REVOKE ADMIN OPTION FOR ${sqlName(role)} FROM ${sqlName(member)}`
          : `GRANT ${sqlName(role)} TO ${sqlName(member)} ` +
            `WITH ${option.toUpperCase()} ${wanted[option] ? "TRUE" : "FALSE"}`,
    }));
}

/** @param wanted the stack's value of the same setting */
export function changedSetting(is: RoleSetting, wanted: string | undefined): RoleDifference {
  // A name with a dot is an application's own setting, and its value may be a secret key.
  const value = is.name.includes(".") ? "" : ` = ${is.value}`;
  const stack =
    wanted === undefined ? "the stack does not set it" : `the stack sets ${is.name} = ${wanted}`;
  const breaks =
    is.role !== "" && is.database === "" && READ_AS_NUMBER.includes(is.name) && !isNumber(is.value)
      ? ". `pulumi refresh` fails on it"
      : "";
  return {
    effect: "other",
    text: `${who(is)} has the setting ${is.name}${value}${where(is)}; ${stack}${breaks}`,
    undo: wanted === undefined ? `${alterScope(is)} RESET ${sqlSetting(is.name)}` : set(is, wanted),
  };
}

export function missingSetting(wanted: RoleSetting): RoleDifference {
  return {
    effect: "other",
    text: `${who(wanted)} has no setting ${wanted.name}${where(wanted)}; the stack sets ${wanted.value}`,
    undo: set(wanted, wanted.value),
  };
}

export function alteredSetting({
  name,
  value,
}: {
  readonly name: string;
  readonly value: string;
}): RoleDifference {
  const shown = name.includes(".") ? "" : ` = ${value}`;
  return {
    effect: "other",
    text: `ALTER SYSTEM sets ${name}${shown} on the server and overrides the stack; reload the server after the reset`,
    undo: `ALTER SYSTEM RESET ${sqlSetting(name)}`,
  };
}

function set(each: RoleSetting, value: string): string {
  return `${alterScope(each)} SET ${sqlSetting(each.name)} = '${value.replaceAll("'", "''")}'`;
}

function who({ role }: RoleSetting): string {
  return role === "" ? "every role" : role;
}

function where({ database }: RoleSetting): string {
  return database === "" ? "" : ` in ${database}`;
}

function alterScope({ role, database }: RoleSetting): string {
  if (role === "" && database !== "") return `ALTER DATABASE ${sqlName(database)}`;
  return `ALTER ROLE ${role === "" ? "ALL" : sqlName(role)}${database === "" ? "" : ` IN DATABASE ${sqlName(database)}`}`;
}

function isNumber(value: string): boolean {
  return /^-?\d+$/.test(value);
}

function powerOf(role: string, powers: Powers): string {
  return powers[role] ?? PREDEFINED[role] ?? `do whatever ${role} can`;
}

function sqlSetting(name: string): string {
  return name.split(".").map(sqlName).join(".");
}
