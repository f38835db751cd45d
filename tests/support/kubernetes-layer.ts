import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../components/homes/database-server";
import { DatabaseLayer } from "../../components/database-layer/database-layer";
import { clusterNames, serviceHost } from "../../components/homes/kubernetes/plan/cluster-names";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { databaseSettings } from "../../components/settings/plan/database-settings";
import type { StackSettings } from "./parse-settings";

/**
 * A database's layer on a server that does not exist, with the logins that the stack would make.
 * @param more of the server
 */
export function layerOf(
  settings: StackSettings,
  database: DatabaseName,
  more: Partial<DatabaseServer> = {},
): DatabaseLayer {
  const plan = settings.servers[database];
  const { home, recovery } = databaseSettings(settings, database);
  const { primary } = clusterNames({ database, recovery });
  const address = {
    host: pulumi.output(serviceHost(primary, settings.kubernetes.namespace)),
    port: pulumi.output(5432),
  };
  const server: DatabaseServer = {
    ...address,
    home,
    engine: database === "sark" ? "postgresql" : "timescaledb",
    database,
    admin: {
      host: pulumi.output("127.0.0.1"),
      port: pulumi.output(25432),
      user: `${database}_admin`,
      password: pulumi.secret("secret-admin"),
      sslMode: "disable",
      superuser: false,
    },
    maxConnections: plan.maxConnections,
    extensions: [],
    limits: [],
    plan,
    ...(home === "aws"
      ? {
          exported: [
            { ...address, name: "sark-test", role: "primary", majorVersion: 18 },
            { ...address, name: "sark-test-replica-1", role: "replica", majorVersion: 18 },
          ],
        }
      : {}),
    ...more,
  };
  return new DatabaseLayer(database, { server, rotation: settings.rotation });
}
