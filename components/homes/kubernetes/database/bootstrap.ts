import type { IClusterSpec } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterSpec";
import { clusterName, clusterNames } from "../plan/cluster-names";
import { closeFunctionsSql, WRITING_FUNCTIONS } from "../../../roles/plan/public-rights-plan";
import { adminName, type DatabaseName } from "../../../roles/plan/role-plan";
import type { ClusteredDatabase } from "../plan/cluster-stack";
import { archivePlugin } from "./cluster-backups";

/**
 * How a cluster comes by its data: an empty database, or the one that a backup holds. The operator reads it once, when
 * it makes the first server. A change shows in a preview and does nothing.
 */
export function bootstrapOf(
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
          // The operator gives the administrator of the backup this cluster's password.
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
 * The order of text is the code points', which no update of the operating system changes: an update of a C library's
 * collations has corrupted indexes before. From 17 on PostgreSQL has it built in, with the classes of UTF-8's letters.
 */
function localeOf(majorVersion: number) {
  const libc = { localeCollate: "C", localeCType: "C" };
  return majorVersion < 17
    ? libc
    : { ...libc, localeProvider: "builtin", builtinLocale: "C.UTF-8" };
}

/**
 * What only a superuser can do for the administrator, run once by the operator: `server` when the login exists,
 * `database` when its database does. A recovered cluster has it from the backup.
 *
 * The login is not one of the operator's managed roles: it takes memberships from those that they were not given in
 * the definition, and with them the right of a login with CREATEROLE to the roles that it made (cloudnative-pg#11448).
 */
export function bootstrapSql(database: DatabaseName): {
  readonly server: readonly string[];
  readonly database: readonly string[];
} {
  const admin = adminName(database);
  return {
    server: [
      `alter role ${admin} createrole`,
      // To hand on to the logins of the monitoring and the maintenance, not to use.
      `grant pg_monitor, pg_signal_backend to ${admin} with admin true, inherit false, set false`,
    ],
    database: [
      // The one extension of the role plan that is not trusted. The operator would make it as well, after a while.
      "create extension if not exists pg_stat_statements with schema public",
      // What PgBouncer's look-up reads, on behalf of the administrator, who owns it. There is little to gain by it: no
      // superuser has a password here, and the administrator may change those of all roles that it made.
      `grant select (rolname, rolcanlogin, rolpassword, rolvaliduntil) on pg_catalog.pg_authid to ${admin}`,
      // Built-in functions belong to the superuser, so the layer cannot close them later.
      closeFunctionsSql(WRITING_FUNCTIONS),
      // The operator's exporter is a member, and would lose the database with everybody.
      `grant connect on database ${database} to pg_monitor`,
    ],
  };
}
