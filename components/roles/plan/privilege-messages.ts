/** Describes differences between privileges, with the statement that undoes each. Pure. */
import {
  type DatabasePrivilege,
  type DefaultPrivilege,
  CATALOG_PUBLIC,
} from "./role-catalog-types";
import type { RoleDifference } from "./role-messages";
import { sqlName } from "../../sql-text/sql-names";

export function changedOwner(database: string, is: string, wanted: string): RoleDifference {
  return {
    effect: "gained",
    text: `${is} owns the database ${database}: it can grant and revoke its privileges, and drop it; the owner should be ${wanted}`,
    undo: `ALTER DATABASE ${sqlName(database)} OWNER TO ${sqlName(wanted)}`,
  };
}

export function newPrivilege(is: DatabasePrivilege): RoleDifference {
  const onwards = is.grantable ? ", and may grant it to others" : "";
  return {
    effect: "gained",
    text: `${is.grantee} may ${privilegeWords(is)}${onwards}`,
    undo: `REVOKE ${is.privilege} ON DATABASE ${sqlName(is.database)} FROM ${granteeName(is)}`,
  };
}

export function grantOption(is: DatabasePrivilege): RoleDifference {
  return {
    effect: "gained",
    text: `${is.grantee} may grant ${is.privilege} on ${is.database} to others`,
    undo: `REVOKE GRANT OPTION FOR ${is.privilege} ON DATABASE ${sqlName(is.database)} FROM ${granteeName(is)}`,
  };
}

export function lostPrivilege(wanted: DatabasePrivilege): RoleDifference {
  return {
    effect: "lost",
    text: `${wanted.grantee} may no longer ${privilegeWords(wanted)}`,
    undo: `GRANT ${wanted.privilege} ON DATABASE ${sqlName(wanted.database)} TO ${granteeName(wanted)}`,
  };
}

export function newDefault(is: DefaultPrivilege): RoleDifference {
  return {
    effect: "gained",
    text: `${is.grantee} gets ${is.privilege} on ${futureWords(is)}`,
    undo: `${alterDefault(is)} REVOKE ${is.privilege} ON ${is.objects} FROM ${granteeName(is)}`,
  };
}

export function lostDefault(wanted: DefaultPrivilege): RoleDifference {
  return {
    effect: "lost",
    text: `${wanted.grantee} no longer gets ${wanted.privilege} on ${futureWords(wanted)}`,
    undo: `${alterDefault(wanted)} GRANT ${wanted.privilege} ON ${wanted.objects} TO ${granteeName(wanted)}`,
  };
}

function futureWords({ owner, schema, objects }: DefaultPrivilege): string {
  const where = schema === "" ? "" : ` in schema ${schema}`;
  return `all ${objects} that ${owner} creates${where} from now on`;
}

function alterDefault({ owner, schema }: DefaultPrivilege): string {
  const where = schema === "" ? "" : ` IN SCHEMA ${sqlName(schema)}`;
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${sqlName(owner)}${where}`;
}

function privilegeWords({ privilege, database }: DatabasePrivilege): string {
  switch (privilege) {
    case "CONNECT":
      return `CONNECT to ${database}`;
    case "CREATE":
      return `CREATE schemas in ${database}`;
    default:
      return `create ${privilege} tables in ${database}`;
  }
}

function granteeName({ grantee }: Pick<DatabasePrivilege, "grantee">): string {
  return grantee === CATALOG_PUBLIC ? CATALOG_PUBLIC : sqlName(grantee);
}
