import type { ConnectionPool } from "./connection-pool";
import type { DatabaseServer, Home } from "./database-server";
import type { DatabaseLayer } from "./database/database-layer";
import type { DatabaseName } from "./lib/role-plan";
import { databaseSettings } from "./lib/settings-schema";
import { ExternalTimescale } from "./local/external-timescale";
import { LocalPgBouncer } from "./local/local-pgbouncer";
import { LocalPostgres } from "./local/local-postgres";
import { LocalTimescale } from "./local/local-timescale";
import { SettingsError, type StackSettings } from "./settings";

/**
 * Builds a database's server in the home that its settings name.
 * @throws SettingsError for a home that this version does not build
 */
export function createServer(database: DatabaseName, settings: StackSettings): DatabaseServer {
  const { home } = databaseSettings(settings, database);
  const name = database.replace("_", "-");
  if (home !== "local") throw missingHome(home);
  return database === "sark" ? localPostgres(name, settings) : localTimescale(name, settings);
}

/** Builds PgBouncer beside the databases; undefined where the settings turn it off. */
export function createPool(
  settings: StackSettings,
  databases: readonly DatabaseLayer[],
): ConnectionPool | undefined {
  if (!settings.pool.enabled) return undefined;
  const { pool, local } = settings;
  return new LocalPgBouncer("pool", { databases, settings: pool, port: local.ports.pool });
}

function localPostgres(name: string, settings: StackSettings): DatabaseServer {
  const { sark, servers, local, protection } = settings;
  return new LocalPostgres(name, {
    plan: servers.sark,
    majorVersion: sark.majorVersion,
    port: local.ports.sark,
    ...(sark.replicas > 0 ? { replicaPort: local.ports.sarkReplica } : {}),
    protect: protection,
  });
}

function localTimescale(name: string, settings: StackSettings): DatabaseServer {
  const { audit, auditPassword, servers, local, protection } = settings;
  const plan = servers.sark_audit;
  if (audit.external && auditPassword) {
    return new ExternalTimescale(name, { ...audit.external, plan, password: auditPassword });
  }
  return new LocalTimescale(name, { plan, port: local.ports.audit, protect: protection });
}

function missingHome(home: Home): SettingsError {
  return new SettingsError(
    `the ${home} home is not part of this version yet: only stacks whose databases live on local can be previewed`,
  );
}
