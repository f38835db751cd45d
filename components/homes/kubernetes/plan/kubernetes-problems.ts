import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import { backupProblems } from "./backup-problems";
import type { ClusterStack, ClusteredDatabase, KubernetesSettings } from "./cluster-stack";
import { settingsGroup } from "../../../settings/plan/database-settings";
import { parameterProblems } from "./cnpg-parameters";
import { compatibilityProblems } from "./compatibility";
import { imageProblems } from "./image-problems";

/**
 * Finds settings that cannot work on Kubernetes.
 * @param now current time, to compare recovery times with
 */
export function kubernetesProblems(stack: ClusterStack, now: Date): readonly Problem[] {
  const { platform, clusters, served, backups, protection } = stack;
  if (served.length === 0) return [];
  return [
    ...namespaceProblems(platform),
    ...poolProblems(stack),
    ...clusters.flatMap((cluster) => [
      ...synchronousProblems(cluster),
      ...parameterProblems(cluster),
    ]),
    ...imageProblems(stack),
    ...compatibilityProblems(platform, clusters),
    ...backupProblems(backups, clusters, protection, now),
    ...snapshotProblems(stack),
  ];
}

const SYSTEM_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Checks that nothing else uses the namespace: its network is closed by default, and it has a quota. */
function namespaceProblems(platform: KubernetesSettings): readonly Problem[] {
  const { namespace, clients, monitoring, operators } = platform;
  const others = [
    ...SYSTEM_NAMESPACES.map((name) => [name, "Kubernetes itself"] as const),
    [operators.namespace, "the operators"] as const,
    [clients, "the application"] as const,
    [monitoring, "Prometheus"] as const,
  ];
  const other = others.find(([name]) => name === namespace);
  return compact(
    other && {
      key: settingKey(["kubernetes", "namespace"]),
      value: namespace,
      allowed: `a namespace for this stack alone, not that of ${other[1]}`,
      why: "network policies isolate it, a quota limits it, and it is deleted with the stack",
    },
  );
}

function poolProblems({ protection, pool }: ClusterStack): readonly Problem[] {
  return compact(
    protection &&
      pool?.instances === 1 && {
        key: settingKey(["pool", "instances"]),
        value: pool.instances,
        allowed: "2 or more, in a protected stack",
        why: "draining its node would drop every connection",
      },
  );
}

/** Checks that a snapshot of a running server can be recovered, which takes the WAL of the time it was taken. */
function snapshotProblems({ platform: { snapshots }, backups }: ClusterStack): readonly Problem[] {
  return compact(
    snapshots !== undefined &&
      backups.bucket === undefined && {
        key: settingKey(["kubernetes", "snapshots"]),
        value: `class ${snapshots.class}`,
        allowed: "unset, or backups.bucket set",
        why: "without an archive of WAL a snapshot restores only the moment at which it was taken",
      },
  );
}

function synchronousProblems(cluster: ClusteredDatabase): readonly Problem[] {
  const { database, synchronous, instances } = cluster;
  const needed = synchronous.replicas + 1;
  return compact(
    instances < needed && {
      key: settingKey([settingsGroup(database), "instances"]),
      value: instances,
      allowed: `at least ${needed}, with synchronous.replicas ${synchronous.replicas}`,
      why: "a primary cannot confirm its own commits, so they would wait for a stand-by that does not exist",
    },
  );
}
