import type { StackSettings } from "../../settings/stack-settings";
import type { HomeModule } from "../open-home";
import { backupKeys } from "./backup-keys";
import { archiveProblems } from "./database/archive-check";
import { CnpgDatabase } from "./database/cnpg-database";
import { DatabaseGateway } from "./gateway/database-gateway";
import { LoginSecrets } from "./login-secrets";
import { MaintenanceJobs } from "./maintenance/maintenance-jobs";
import { KubernetesMonitoring } from "./monitoring/kubernetes-monitoring";
import { clusterStack } from "./plan/cluster-stack";
import type { KubernetesStack } from "./plan/settings-kubernetes";
import { KubernetesPlatform } from "./platform/kubernetes-platform";
import { KubernetesPgBouncer } from "./pool/kubernetes-pgbouncer";

export const home: HomeModule = {
  check: (settings: KubernetesStack & StackSettings, request) =>
    archiveProblems(clusterStack(settings, request), backupKeys(settings)),

  open: (settings: KubernetesStack & StackSettings, request) => {
    const { servers } = settings;
    const keys = backupKeys(settings);
    const stack = clusterStack(settings, request);
    const { clusters, served, exported, pool, backups, store, gateway, outside } = stack;
    const { loginSecrets, clients: namespace } = stack.platform;
    const platform = new KubernetesPlatform("kubernetes", { stack, servers });
    return {
      server: (name, database, { listen, storage }) => {
        const cluster = clusters.find((each) => each.database === database);
        if (!listen || !cluster) throw new Error(`no loopback port or cluster for ${database}`);
        return new CnpgDatabase(name, {
          platform,
          cluster,
          plan: servers[database],
          backups,
          keys,
          listen,
          ...(storage ? { storage } : {}),
        });
      },
      pool: (databases) =>
        new KubernetesPgBouncer("pool", { platform, databases, settings: settings.pool }),
      logins: (databases, pool) =>
        loginSecrets ? [new LoginSecrets("logins", { platform, databases, pool, namespace })] : [],
      maintenance: (databases) => {
        new MaintenanceJobs("maintenance", { platform, databases, served, store, keys });
      },
      monitoring: (monitored) => {
        const parts = { platform, clusters, exported, outside, pool };
        new KubernetesMonitoring("kubernetes-monitoring", { ...monitored, ...parts });
      },
      ...(gateway && outside
        ? {
            makeGateway: (name, endpoints, opts) =>
              new DatabaseGateway(
                name,
                { platform, image: outside.gatewayImage, port: outside.port, ...endpoints },
                opts,
              ),
          }
        : {}),
    };
  },
};
