import type { StackSettings } from "../../settings/stack-settings";
import type { HomeModule } from "../open-home";
import { ExternalTimescale } from "./external-timescale";
import { LocalMonitoring } from "./local-monitoring";
import { LocalPgBouncer } from "./local-pgbouncer";
import { backupMachineProblems } from "./backups/backup-folder";
import { type LocalBackups, LocalPostgres } from "./local-postgres";
import { LocalTimescale } from "./local-timescale";
import { localStore, walBound } from "./plan/local-backups";
import { type LocalStack, externalServer } from "./plan/settings-local";
import type { ServerPlan } from "../plan/server-plan";
import { checkoutPathProblems } from "./checkout-path";

export const home: HomeModule = {
  check: ({ backups }: StackSettings, { databases }) =>
    Promise.resolve([
      ...checkoutPathProblems(),
      ...(databases.includes("sark") ? backupMachineProblems(backups) : []),
    ]),

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
            ...backupArgs(settings, plan),
            ...(sark.recovery ? { recovery: sark.recovery } : {}),
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

/** Where and how sark is backed up; nothing without backups. */
function backupArgs(
  { backups, secrets }: StackSettings,
  plan: ServerPlan,
): { readonly backups?: LocalBackups } {
  const found = localStore(backups);
  if (found === undefined) return {};
  const store =
    "folder" in found
      ? found
      : {
          bucket: found.bucket.path,
          region: found.bucket.region,
          endpoint: found.bucket.endpoint,
          accessKeyId: secrets["backupAccessKeyId"],
          secretAccessKey: secrets["backupSecretAccessKey"],
        };
  const passphrase = secrets["backupPassphrase"];
  return {
    backups: { store, retentionDays: backups.retentionDays, walBound: walBound(plan), passphrase },
  };
}
