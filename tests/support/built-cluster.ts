/** The parts of the Kubernetes home that are made from the settings of a stack. */
import { type Settings, type StackSettings } from "./parse-settings";
import type { DatabaseLayer } from "../../components/database-layer/database-layer";
import { clusterObject } from "../../components/homes/kubernetes/database/cluster-spec";
import { MaintenanceJobs } from "../../components/homes/kubernetes/maintenance/maintenance-jobs";
import {
  type ClusterStack,
  type ClusteredDatabase,
  clusterStack,
} from "../../components/homes/kubernetes/plan/cluster-stack";
import { KubernetesPlatform } from "../../components/homes/kubernetes/platform/kubernetes-platform";
import { backupKeys } from "../../components/homes/kubernetes/backup-keys";
import { homeRequest } from "../../components/homes/plan/registry";
import type { DatabaseName } from "../../components/roles/plan/role-plan";

export function clusterStackOf(settings: Settings): ClusterStack {
  return clusterStack(settings, homeRequest(settings, "kubernetes"));
}

/** @throws Error for a database in another home */
export function clusteredIn(settings: Settings, database: DatabaseName): ClusteredDatabase {
  const found = clusterStackOf(settings).clusters.find((each) => each.database === database);
  if (!found) throw new Error(`${database} does not live on Kubernetes`);
  return found;
}

/** The spec of a database's cluster for the operator. */
export function describedCluster(settings: StackSettings, database: DatabaseName) {
  const { backups, kubernetes, monitoring, servers } = settings;
  const own = clusteredIn(settings, database);
  const { namespace, snapshots } = kubernetes;
  const platform = { namespace, snapshots, monitoring: monitoring.enabled };
  return clusterObject(own, servers[database], backups.bucket, platform);
}

export function platformOf(settings: StackSettings, name = "kubernetes"): KubernetesPlatform {
  const { servers } = settings;
  return new KubernetesPlatform(name, { stack: clusterStackOf(settings), servers });
}

export function jobsOn(
  settings: StackSettings,
  databases: readonly DatabaseLayer[],
): MaintenanceJobs {
  const { served, store } = clusterStackOf(settings);
  const platform = platformOf(settings);
  const keys = backupKeys(settings);
  return new MaintenanceJobs("maintenance", { platform, databases, served, store, keys });
}
