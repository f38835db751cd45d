import type { IClusterSpec } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterSpec";
import { clusterName, clusterNames } from "../plan/cluster-names";
import { revokeFunctionsSql, DISK_FILLING_FUNCTIONS } from "../../../roles/plan/public-rights-plan";
import { adminName, type DatabaseName } from "../../../roles/plan/role-plan";
import type { ClusteredDatabase } from "../plan/cluster-stack";
import { archivePlugin } from "./cluster-backups";

/**
 * Initial data of a cluster: an empty database, or a restored backup. The operator reads it once, when it creates the
 * first server; later changes show in a preview and have no effect.
 */
export function bootstrapSpec(
  own: ClusteredDatabase,
): Pick<IClusterSpec, "bootstrap" | "externalClusters"> {
  const { database, majorVersion, recovery } = own;
  const login = {
    database,
    owner: adminName(database),
    secret: { name: clusterNames(own).admin },
  };
  if (recovery) {
    const source = clusterName(own, recovery.from ?? recovery.generation - 1);
    return {
      bootstrap: {
        recovery: {
          source,
          // The operator sets this password for the restored administrator.
          ...login,
          ...(recovery.time === undefined ? {} : { recoveryTarget: { targetTime: recovery.time } }),
        },
      },
      externalClusters: [{ name: source, plugin: archivePlugin(database, source) }],
    };
  }
  const sql = bootstrapSql(database);
  return {
    bootstrap: {
      initdb: {
        ...login,
        encoding: "UTF8",
        dataChecksums: true,
        ...localeOf(majorVersion),
        postInitSQL: [...sql.server],
        postInitApplicationSQL: [...sql.database],
      },
    },
  };
}

/**
 * Locale of the database. Text sorts by code point, which no operating system update changes: C library collation
 * updates have corrupted indexes before. From 17 on PostgreSQL has it built in, with UTF-8's character classes.
 */
function localeOf(majorVersion: number) {
  const libc = { localeCollate: "C", localeCType: "C" };
  return majorVersion < 17
    ? libc
    : { ...libc, localeProvider: "builtin", builtinLocale: "C.UTF-8" };
}

/**
 * SQL that needs a superuser, run once by the operator: `server` after the login exists, `database` after its database
 * does. A recovered cluster gets it from the backup.
 *
 * The login is not a managed role of the operator: the operator revokes memberships missing from the definition,
 * including a CREATEROLE login's rights on roles it created (cloudnative-pg#11448).
 */
export function bootstrapSql(database: DatabaseName): {
  readonly server: readonly string[];
  readonly database: readonly string[];
} {
  const admin = adminName(database);
  return {
    server: [
      `alter role ${admin} createrole`,
      // To grant to the monitoring and maintenance logins, not to use.
      `grant pg_monitor, pg_signal_backend to ${admin} with admin true, inherit false, set false`,
    ],
    database: [
      // The only extension of the role plan that is not trusted. The operator would also create it, but later.
      "create extension if not exists pg_stat_statements with schema public",
      // Read by PgBouncer's auth query on behalf of its owner, the administrator. Low risk: no superuser has a password
      // here, and the administrator can already change passwords of all roles it created.
      `grant select (rolname, rolcanlogin, rolpassword, rolvaliduntil) on pg_catalog.pg_authid to ${admin}`,
      // Built-in functions belong to the superuser, so the database layer cannot revoke them later.
      revokeFunctionsSql(DISK_FILLING_FUNCTIONS),
      // The operator's exporter is a member, and would lose access when PUBLIC does.
      `grant connect on database ${database} to pg_monitor`,
    ],
  };
}
