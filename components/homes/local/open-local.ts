import type { StackSettings } from "../../settings/stack-settings";
import type { HomeModule } from "../open-home";
import { ExternalTimescale } from "./external-timescale";
import { LocalMonitoring } from "./local-monitoring";
import { LocalPgBouncer } from "./local-pgbouncer";
import { LocalPostgres } from "./local-postgres";
import { LocalTimescale } from "./local-timescale";
import { type LocalStack, externalServer } from "./plan/settings-local";
import { checkoutPathProblems } from "./checkout-path";

export const home: HomeModule = {
  check: () => Promise.resolve(checkoutPathProblems()),

  open: (settings: LocalStack & StackSettings) => {
    const external = externalServer(settings);
    const { sark, secrets, servers, local, pool, protection: protect } = settings;
    let prometheus: LocalMonitoring | undefined;
    return {
      server: (name, database) => {
        const plan = servers[database];
        if (database === "sark") {
          return new LocalPostgres(name, {
            plan,
            majorVersion: sark.majorVersion,
            port: local.ports.sark,
            ...(sark.replicas > 0 ? { replicaPort: local.ports.sarkReplica } : {}),
            protect,
          });
        }
        const password = secrets["auditPassword"];
        return external && password
          ? new ExternalTimescale(name, { ...external, plan, password })
          : new LocalTimescale(name, { plan, port: local.ports.audit, protect });
      },
      pool: (databases) =>
        new LocalPgBouncer("pool", { databases, settings: pool, port: local.ports.pool }),
      monitoring: (stack) => {
        prometheus = new LocalMonitoring("monitoring", { ...stack, ports: local.ports });
      },
      prometheus: () => prometheus,
    };
  },
};
