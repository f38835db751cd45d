import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { DATABASES, type DatabaseName } from "../../../roles/plan/role-plan";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/settings-problems";
import {
  clusteredDatabases,
  clusteredPool,
  databaseSettings,
  replicaCount,
  servedDatabases,
  settingsName,
} from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import { backupProblems } from "./backup-problems";
import { parameterProblems } from "./cnpg-parameters";
import { compatibilityProblems } from "./compatibility";
import { imageProblems } from "./image-problems";
import { memoryProblems } from "./pod-memory";
import { storageProblems } from "./storage-problems";

/**
 * Everything in a stack's settings that cannot work on Kubernetes.
 * @param now what a point in time to recover to is compared with
 */
export function kubernetesProblems(settings: Settings, now: Date = new Date()): readonly Problem[] {
  const databases = clusteredDatabases(settings);
  const elsewhere = DATABASES.flatMap((database) => foreignProblems(settings, database));
  if (servedDatabases(settings).length === 0) return elsewhere;
  return [
    ...elsewhere,
    ...namespaceProblems(settings),
    ...poolProblems(settings),
    ...databases.flatMap((database) => [
      ...synchronousProblems(settings, database),
      ...parameterProblems(settings, database),
    ]),
    ...imageProblems(settings),
    ...compatibilityProblems(settings),
    ...backupProblems(settings, now),
  ];
}

/** The same, of what was computed for the servers. Only call it when the servers could be planned. */
export function plannedProblems(
  settings: Settings,
  servers: Readonly<Record<DatabaseName, ServerPlan>>,
): readonly Problem[] {
  return clusteredDatabases(settings).flatMap((database) => [
    ...memoryProblems(settings, database, servers[database]),
    ...storageProblems(database, servers[database]),
  ]);
}

/** Settings that only a database on Kubernetes has. */
function foreignProblems(settings: Settings, database: DatabaseName): readonly Problem[] {
  const described = databaseSettings(settings, database);
  const { home, instances, image, synchronous, recovery, size } = described;
  if (home === "kubernetes") return [];
  const onRds = home === "aws";
  const { replicas } = synchronous;
  const recovered = recovery && `generation ${recovery.generation}`;
  const given: readonly (readonly [readonly string[], string | number | undefined, string])[] = [
    [["instances"], instances, "this home counts replicas instead"],
    // The jobs of a server on RDS run in it.
    [["image"], onRds ? undefined : image, "this home runs no image of the stack's"],
    [
      ["synchronous", "replicas"],
      replicas || undefined,
      "this home's replicas follow on their own",
    ],
    [["recovery"], onRds ? undefined : recovered, "this home is not restored by the stack"],
    [
      ["recovery", "oldNames"],
      onRds ? recovery?.oldNames : undefined,
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
function namespaceProblems({ kubernetes }: Settings): readonly Problem[] {
  const { namespace, clients, monitoring, operators } = kubernetes;
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
function poolProblems(settings: Settings): readonly Problem[] {
  const { protection, pool } = settings;
  if (!clusteredPool(settings)) return [];
  return present<Problem>(
    ...DATABASES.map(
      (database) =>
        databaseSettings(settings, database).home === "local" && {
          key: settingKey([settingsName(database), "home"]),
          value: "local",
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

function synchronousProblems(settings: Settings, database: DatabaseName): readonly Problem[] {
  const { synchronous } = databaseSettings(settings, database);
  const servers = replicaCount(settings, database) + 1;
  const needed = synchronous.replicas + 1;
  return present(
    servers < needed && {
      key: settingKey([settingsName(database), "instances"]),
      value: servers,
      allowed: `at least ${needed}, with synchronous.replicas ${synchronous.replicas}`,
      why: "a primary does not confirm to itself, so commits would wait for a stand-by that does not exist",
    },
  );
}
