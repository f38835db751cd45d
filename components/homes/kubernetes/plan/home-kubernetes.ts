import { MANAGED_ADMIN, PLAIN_LOGIN, REPLICATION, SUPERUSER } from "../../../roles/plan/home-roles";
import {
  completeSize,
  databaseSettings,
  replicaCount,
  servedDatabases,
  settingsName,
} from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import { scheduleWarnings } from "./backup-problems";
import { clusterEffects } from "./cluster-effects";
import { kubernetesProblems, plannedProblems } from "./kubernetes-problems";
import { walVolumeSize } from "./wal-volume";

const USUAL_PORTS = { sark: 25432, audit: 25434 } as const;

/** Servers that CloudNativePG runs. */
export const kubernetesHome: Home = {
  isUsed: (settings) => servedDatabases(settings).length > 0,
  workloads: "kubernetes",
  // Kubernetes begins with the successor of an instance as soon as it has asked that one to end, which then still has
  // the transactions that it was given.
  pool: { single: false, surge: 1 },
  // initdb's default is 16 MB.
  kind: { build: "compression", walSegment: 16 },
  onThisMachine: false,
  deleted: "lost",
  effects: clusterEffects,
  problems: (settings, _stack, now) => kubernetesProblems(settings, now),
  plannedProblems,
  warnings: scheduleWarnings,

  describe: (settings, database) => ({
    size: completeSize(databaseSettings(settings, database).size),
    replicas: replicaCount(settings, database),
    tuned: true,
    load: settings.application.tier,
  }),

  relay: ({ kubernetes }, database) => {
    const name = settingsName(database);
    const setting = ["kubernetes", "ports", name];
    return { setting, port: kubernetes.ports[name], usual: USUAL_PORTS[name] };
  },

  runs: (settings, database, plan) => {
    const { memory, vcpus, storage } = plan.size;
    const { retentionDays, bucket } = settings.backups;
    const { availability } = databaseSettings(settings, database);
    return {
      vcpus,
      memory,
      storage: {
        size: storage.size,
        kind: storage.class ?? storage.kind,
        wal: walVolumeSize(plan),
      },
      standBys: 0,
      replicas: replicaCount(settings, database),
      zones: availability === "multi-zone" ? 2 : 1,
      backupDays: bucket ? retentionDays : 0,
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
    whole: true,
    ownsDatabase: true,
    // The exporter's, by its membership.
    connect: ["pg_monitor"],
  }),
};
