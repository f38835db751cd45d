import { REPLICATION, SUPERUSER } from "../../../roles/plan/home-roles";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { completeSize, databaseSettings } from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import type { Effect } from "../../plan/resource-effects";
import { recoveryProblems } from "../../../backups/plan/recovery-problems";
import {
  folderProblems,
  localBackupProblems,
  missingStore,
  localBackups,
  localDumps,
} from "./local-backups";
import { localRefusal } from "./local-parameters";
import {
  type LocalStack,
  externalServer,
  localAudit,
  localSark,
  localSettings,
} from "./settings-local";

/** Runs servers as processes of this machine. An existing server can take the place of the embedded TimescaleDB. */
export const localHome: Home = {
  settings: {
    group: localSettings,
    secrets: ["auditPassword", "backupPassphrase", "backupAccessKeyId", "backupSecretAccessKey"],
    sark: localSark,
    sark_audit: localAudit,
  },
  isUsed: (_settings, { databases, served }) => databases.length + served.length > 0,
  workloads: "local",
  // PgBouncer is stopped before its successor starts.
  pool: { single: true, surge: 0 },
  // initdb's default is 16 MB.
  kind: { build: "plain", walSegment: 16, refusal: localRefusal },
  onThisMachine: true,
  dataAfterDelete: "lost",
  effects: [
    { type: ":PostgresServer", holdsData: () => true, effect: restarts },
    { type: ":TimescaleServer", holdsData: () => true },
    { type: ":PostgresReplica", effect: restarts },
  ],
  problems: ({ sark, backups }, _stack, now, { databases, clients }) =>
    databases.includes("sark")
      ? [
          ...localBackupProblems(backups, sark.parameters ?? {}, clients?.pods === true),
          ...recoveryProblems({ ...sark, database: "sark" }, missingStore(backups), now),
        ]
      : folderProblems(backups),
  secrets: (settings, { databases }) => [
    ...(externalServer(settings)
      ? [{ name: "auditPassword", why: "the server of audit.external has a password" }]
      : []),
    ...(databases.includes("sark") && settings.backups.bucket?.access === "keys"
      ? BUCKET_SECRETS.map((name) => ({ name, why: "backups.bucket.access is keys" }))
      : []),
  ],
  ports: ({ local }: LocalStack) =>
    Object.entries(local.ports).map(([name, port]) => ({
      setting: ["local", "ports", name],
      port,
    })),

  describe: (settings, database, share) => {
    const { size, replicas } = databaseSettings(settings, database);
    const complete = completeSize(size);
    const external = database === "sark_audit" && externalServer(settings) !== undefined;
    return {
      // An existing server does not use the memory of this machine.
      size: size === undefined && !external ? { ...complete, ...share } : complete,
      replicas,
      load: external ? settings.application.tier : "developer",
    };
  },

  backupsOf: (settings, database, plan) =>
    database === "sark"
      ? localBackups(settings.backups, plan)
      : externalServer(settings)
        ? null
        : localDumps(settings.backups),

  // The stack sets no size for the embedded TimescaleDB or an existing server.
  serverSpec: ({ sark }, database, { size: { memory, vcpus } }) =>
    database === "sark"
      ? { vcpus, memory, standBys: 0, replicas: sark.replicas }
      : { standBys: 0, replicas: 0 },

  roles: (admin, external) =>
    external
      ? {
          roles: { [admin]: { attributes: {} } },
          managesServer: false,
          ownsDatabase: false,
          connect: [],
        }
      : {
          roles: {
            [admin]: { attributes: SUPERUSER, memberOf: {} },
            sark_replication: { attributes: REPLICATION, memberOf: {} },
          },
          managesServer: true,
          ownsDatabase: true,
          connect: [],
          closed: { databases: UNUSED_DATABASES, owner: admin },
        },
};

const BUCKET_SECRETS = ["backupAccessKeyId", "backupSecretAccessKey"];

function restarts(path: string): Effect | undefined {
  return path.includes(".restart.") || path.startsWith("recovery") ? "restart" : undefined;
}
