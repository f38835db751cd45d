import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";

/** Seconds for a connection; a server that has just started may take some. The provider's own default is 180. */
const CONNECT_TIMEOUT = 60;

/** The PostgreSQL provider on the server's own address, never on a pool's: it sets session state and takes session locks. */
export function createProvider(
  name: string,
  { admin, database }: DatabaseServer,
  opts: pulumi.CustomResourceOptions,
): postgresql.Provider {
  return new postgresql.Provider(
    `${name}-provider`,
    {
      host: admin.host,
      port: admin.port,
      username: admin.user,
      password: admin.password,
      superuser: admin.superuser,
      sslmode: admin.sslMode,
      database,
      connectTimeout: CONNECT_TIMEOUT,
      // The resources are made one after another; the embedded TimescaleDB has one session in all.
      maxConnections: 1,
    },
    opts,
  );
}
