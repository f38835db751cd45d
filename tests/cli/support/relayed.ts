/** A stack on Kubernetes, as its outputs describe it to the commands. */
import type { LoginOutput, StackOutputs } from "../../../components/outputs/outputs";
import type { Route } from "../../../components/route/plan/targets";
import { NAMESPACE, SERVER, TARGET } from "../../components/route/support/routed-postgres";
import { CONSOLE } from "../../support/started-pgbouncer";
import type { ScratchPostgres } from "../../../scratch/scratch-postgres";

export const STAND_BYS = `sark-ro.${NAMESPACE}.svc`;
export const POOL = `pgbouncer.${NAMESPACE}.svc`;
const POOL_LABELS = { "app.kubernetes.io/name": "pgbouncer" };

/** Parts of the stack besides one server that is reached through the Kubernetes API. */
export interface Parts {
  readonly route?: Route;
  readonly standBys?: boolean;
  readonly pool?: boolean;
}

/** Outputs of a stack on Kubernetes, with the login of a scratch server. */
export function relayedOutputs(
  { user, password }: ScratchPostgres,
  { route = TARGET.route, standBys = false, pool = false }: Parts = {},
): StackOutputs {
  const login: LoginOutput = { database: "postgres", user, password, host: SERVER, port: 5432 };
  const stats = { database: "pgbouncer", user: CONSOLE.name, password: CONSOLE.secret };
  return {
    servers: {
      main: {
        home: "kubernetes",
        engine: "postgresql",
        database: "postgres",
        host: SERVER,
        port: 5432,
        sslMode: "verify-full",
        maxConnections: 100,
        budget: 60,
        ...(standBys ? { replica: { host: STAND_BYS, port: 5432 } } : {}),
        relay: {
          namespace: NAMESPACE,
          cluster: "sark",
          server: SERVER,
          authority: "sark-ca",
          route,
        },
        limits: [],
        migrations: ["000001_users.sql"],
      },
    },
    pool: pool
      ? {
          host: POOL,
          port: 6432,
          running: true,
          entries: { main: "transaction" },
          relay: {
            route: { kind: "port-forward" },
            namespace: NAMESPACE,
            labels: POOL_LABELS,
            port: 6432,
            server: POOL,
            authority: "pgbouncer-tls",
          },
        }
      : null,
    logins: { postgres_monitor: login, pool_stats: { ...login, ...stats } },
  };
}
