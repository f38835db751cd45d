import type { HomeModule } from "../open-home";
import { archiveProblems } from "./database/archive-check";
import { CnpgDatabase } from "./database/cnpg-database";
import { DatabaseGateway } from "./gateway/database-gateway";
import { LoginSecrets } from "./login-secrets";
import { MaintenanceJobs } from "./maintenance/maintenance-jobs";
import { KubernetesPlatform } from "./platform/kubernetes-platform";
import { KubernetesPgBouncer } from "./pool/kubernetes-pgbouncer";

export const kubernetesModule: HomeModule = {
  check: archiveProblems,

  open: (settings) => {
    const { loginSecrets, clients: namespace } = settings.kubernetes;
    const platform = new KubernetesPlatform("kubernetes", { settings });
    return {
      server: (name, database, { listen, storage }) => {
        if (!listen) throw new Error(`no relay leads to ${database}`);
        return new CnpgDatabase(name, {
          platform,
          database,
          listen,
          ...(storage ? { storage } : {}),
        });
      },
      pool: (databases) =>
        new KubernetesPgBouncer("pool", { platform, databases, settings: settings.pool }),
      logins: (databases, pool) =>
        loginSecrets ? [new LoginSecrets("logins", { platform, databases, pool, namespace })] : [],
      maintenance: (databases) => {
        new MaintenanceJobs("maintenance", { platform, databases });
      },
      makeGateway: (name, endpoints, opts) =>
        new DatabaseGateway(name, { platform, ...endpoints }, opts),
    };
  },
};
