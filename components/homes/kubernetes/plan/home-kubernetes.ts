import { MANAGED_ADMIN, PLAIN_LOGIN, REPLICATION, SUPERUSER } from "../../../roles/plan/home-roles";
import { completeSize, settingsGroup } from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import { scheduleWarnings } from "./backup-problems";
import { clusterBackups } from "./cluster-promise";
import { clusterEffects } from "./cluster-effects";
import { clusterStack, clusteredDatabase } from "./cluster-stack";
import { kubernetesProblems } from "./kubernetes-problems";
import {
  type KubernetesStack,
  kubernetesAudit,
  kubernetesSark,
  kubernetesSettings,
} from "./settings-kubernetes";
import { bucketClients } from "./bucket-clients";
import { memoryProblems } from "./pod-memory";
import { storageProblems } from "./storage-problems";
import { walVolumeSize } from "./wal-volume";

const USUAL_PORTS = { sark: 25432, audit: 25434 } as const;

const KEYS = "backups.bucket.access is keys";

/** The Kubernetes home: servers run by CloudNativePG. */
export const kubernetesHome: Home = {
  settings: {
    group: kubernetesSettings,
    secrets: ["backupAccessKeyId", "backupSecretAccessKey"],
    sark: kubernetesSark,
    sark_audit: kubernetesAudit,
  },
  isUsed: (_settings, { served }) => served.length > 0,
  workloads: "kubernetes",
  jobs: true,
  archives: true,
  // Kubernetes starts the successor as soon as it has told an instance to stop, while that still
  // finishes its transactions.
  pool: { single: false, surge: 1 },
  // initdb's default is 16 MB.
  kind: { build: "compression", walSegment: 16 },
  onThisMachine: false,
  dataAfterDelete: "lost",
  effects: clusterEffects,
  problems: (settings: KubernetesStack, _stack, now, request) =>
    kubernetesProblems(clusterStack(settings, request), now),
  plannedProblems: (settings: KubernetesStack, servers, request) =>
    clusterStack(settings, request).clusters.flatMap((cluster) => [
      ...memoryProblems(cluster, servers[cluster.database]),
      ...storageProblems(servers[cluster.database]),
    ]),
  warnings: ({ backups }, { databases }) => (databases.length > 0 ? scheduleWarnings(backups) : []),

  secrets: ({ backups: { bucket } }, { served }) =>
    bucket?.access === "keys" && served.length > 0
      ? [
          { name: "backupAccessKeyId", why: KEYS },
          { name: "backupSecretAccessKey", why: KEYS },
        ]
      : [],
  clients: bucketClients,

  describe: (settings, database) => {
    const { size, instances } = clusteredDatabase(settings, database);
    return {
      size: completeSize(size),
      replicas: instances - 1,
      load: settings.application.tier,
    };
  },

  relay: ({ kubernetes }: KubernetesStack, database) => {
    const name = settingsGroup(database);
    const setting = ["kubernetes", "ports", name];
    return { setting, port: kubernetes.ports[name], defaultPort: USUAL_PORTS[name] };
  },

  backupsOf: (settings, database, plan) =>
    clusterBackups(clusteredDatabase(settings, database), settings.backups, plan),

  serverSpec: (settings, database, plan) => {
    const { memory, vcpus, storage } = plan.size;
    const { availability, instances } = clusteredDatabase(settings, database);
    return {
      vcpus,
      memory,
      storage: {
        size: storage.size,
        kind: storage.class ?? storage.kind,
        wal: walVolumeSize(plan),
      },
      standBys: 0,
      replicas: instances - 1,
      zones: availability === "multi-zone" ? 2 : 1,
    };
  },

  roles: (admin) => ({
    roles: {
      [admin]: MANAGED_ADMIN,
      postgres: { attributes: SUPERUSER, memberOf: {} },
      streaming_replica: { attributes: REPLICATION, memberOf: {} },
      cnpg_metrics_exporter: {
        attributes: PLAIN_LOGIN,
        memberOf: { pg_monitor: { admin: false, inherit: true, set: true } },
      },
    },
    managesServer: true,
    ownsDatabase: true,
    // For the metrics exporter, a member of this role.
    connect: ["pg_monitor"],
  }),
};
