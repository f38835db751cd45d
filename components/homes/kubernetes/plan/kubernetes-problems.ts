import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/settings-problems";
import { backupProblems } from "./backup-problems";
import type { ClusterStack, ClusteredDatabase, ForeignDatabase, Platform } from "./cluster-stack";
import { settingsName } from "../../../settings/plan/database-settings";
import { parameterProblems } from "./cnpg-parameters";
import { compatibilityProblems } from "./compatibility";
import { imageProblems } from "./image-problems";

/**
 * Everything in a stack's settings that cannot work on Kubernetes.
 * @param now what a point in time to recover to is compared with
 */
export function kubernetesProblems(stack: ClusterStack, now: Date): readonly Problem[] {
  const { platform, clusters, served, foreign, backups, protection } = stack;
  const elsewhere = foreign.flatMap(foreignProblems);
  if (served.length === 0) return elsewhere;
  return [
    ...elsewhere,
    ...namespaceProblems(platform),
    ...poolProblems(stack),
    ...clusters.flatMap((cluster) => [
      ...synchronousProblems(cluster),
      ...parameterProblems(cluster),
    ]),
    ...imageProblems(stack),
    ...compatibilityProblems(platform, clusters),
    ...backupProblems(backups, clusters, protection, now),
  ];
}

/** Settings that only a database on Kubernetes has. */
function foreignProblems(foreign: ForeignDatabase): readonly Problem[] {
  const { database, served, instances, image, synchronous, recovery, size } = foreign;
  const { replicas } = synchronous;
  const recovered = recovery && `generation ${recovery.generation}`;
  const given: readonly (readonly [readonly string[], string | number | undefined, string])[] = [
    [["instances"], instances, "this home counts replicas instead"],
    // The jobs of a server elsewhere run in it.
    [["image"], served ? undefined : image, "this home runs no image of the stack's"],
    [
      ["synchronous", "replicas"],
      replicas || undefined,
      "this home's replicas follow on their own",
    ],
    [["recovery"], served ? undefined : recovered, "this home is not restored by the stack"],
    [
      ["recovery", "oldNames"],
      served ? recovery?.oldNames : undefined,
      "this home names its servers in one way",
    ],
    [["size", "storage", "class"], size?.storage.class, "this home has no StorageClass"],
    [["size", "storage", "wal"], size?.storage.wal, "this home keeps the log with the data"],
  ];
  return present(
    ...given.map(
      ([path, value, why]) =>
        value !== undefined && {
          key: settingKey([settingsName(database), ...path]),
          value,
          allowed: `nothing, unless ${settingsName(database)}.home is kubernetes`,
          why,
        },
    ),
  );
}

const SYSTEM_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** The namespace is closed by default and has a quota, so nobody else may live in it. */
function namespaceProblems(platform: Platform): readonly Problem[] {
  const { namespace, clients, monitoring, operators } = platform;
  const others = [
    ...SYSTEM_NAMESPACES.map((name) => [name, "Kubernetes itself"] as const),
    [operators.namespace, "the operators"] as const,
    [clients, "the application"] as const,
    [monitoring, "Prometheus"] as const,
  ];
  const other = others.find(([name]) => name === namespace);
  return present(
    other && {
      key: settingKey(["kubernetes", "namespace"]),
      value: namespace,
      allowed: `a namespace of the stack's own, not that of ${other[1]}`,
      why: "its network policies close it, its quota bounds it, and it goes with the stack",
    },
  );
}

/** One pool serves both databases, and it runs where the first of them is that is not on this machine. */
function poolProblems({ protection, pool, foreign }: ClusterStack): readonly Problem[] {
  if (!pool) return [];
  return present<Problem>(
    ...foreign.map(
      ({ database, home, served }) =>
        !served && {
          key: settingKey([settingsName(database), "home"]),
          value: home,
          allowed: "kubernetes, or local for both databases, or pool.enabled false",
          why: "PgBouncer runs in the cluster, where no pod reaches a server on this machine",
        },
    ),
    protection &&
      pool.instances === 1 && {
        key: settingKey(["pool", "instances"]),
        value: pool.instances,
        allowed: "2 or more, in a protected stack",
        why: "a node that is emptied for maintenance would take every connection with it",
      },
  );
}

function synchronousProblems(cluster: ClusteredDatabase): readonly Problem[] {
  const { database, synchronous, instances } = cluster;
  const needed = synchronous.replicas + 1;
  return present(
    instances < needed && {
      key: settingKey([settingsName(database), "instances"]),
      value: instances,
      allowed: `at least ${needed}, with synchronous.replicas ${synchronous.replicas}`,
      why: "a primary does not confirm to itself, so commits would wait for a stand-by that does not exist",
    },
  );
}
