import { z } from "zod";
import { isBlock } from "../../../text/ip-blocks";
import {
  auditKeys,
  availability,
  type DatabaseSettings,
  databaseKeys,
  machineKeys,
  parameters,
  recoveryKeys,
  replicas,
  serverImage,
  storageKeys,
} from "../../../settings/plan/settings-database";
import { choice, explained, flag, port, size, whole } from "../../../settings/plan/settings-fields";
import type { Settings } from "../../../settings/plan/settings-stack";

/** Settings of the Kubernetes home. */

const operator = (what: string) =>
  choice(
    ["given", "install"],
    `Whether the cluster has ${what} already, or the stack installs it from its Helm chart.`,
    "an operator serves a whole cluster, and two of a kind fight over the same objects",
  ).default("given");

const blocks = (description: string) =>
  explained(
    z.array(z.string().refine(isBlock)).min(1),
    description,
    "blocks in CIDR notation, each by its first address, such as 10.0.0.0/16 or 2001:db8::/32",
    "a network policy opens exactly these",
  ).default(["0.0.0.0/0"]);

const label = (description: string) =>
  explained(
    z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
    description,
    "up to 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
    "Kubernetes takes no other name",
  );

export const kubernetesSettings = z
  .strictObject({
    context: explained(
      z.string().min(1),
      "Context of the kubeconfig. Left out: the current one.",
      "a context's name",
      "the program talks to that cluster",
    ).optional(),
    version: explained(
      z.string().regex(/^1\.\d+$/),
      "Minor version of the cluster.",
      'a version in quotes, such as "1.34"',
      "it is checked against what the operator supports",
    ).default("1.34"),
    namespace: label("Namespace of everything that the stack makes on Kubernetes.").default(
      "sark-databases",
    ),
    loginSecrets: flag(
      "Whether the application's logins are put into its namespace, as Secrets.",
      "a pod mounts Secrets of its own namespace only",
    ).default(true),
    clients: label("Namespace of the application: its pods reach PgBouncer.").default("sark"),
    runner: label(
      "Namespace in which the program itself runs, where route is direct: its pods reach the servers. Left out: none does.",
    ).optional(),
    monitoring: label("Namespace of Prometheus: its pods reach the metrics.").default("monitoring"),
    operators: z
      .strictObject({
        namespace: label("Namespace of CloudNativePG and its Barman Cloud plugin.").default(
          "cnpg-system",
        ),
        cloudnativePg: operator("CloudNativePG"),
        barmanCloud: operator("the Barman Cloud plugin"),
        certManager: operator("cert-manager"),
        version: explained(
          z.string().regex(/^\d+\.\d+\.\d+$/),
          "Version of CloudNativePG, the one that runs or the one to install.",
          "a version such as 1.30.1",
          "settings and images are checked against it",
        ).default("1.30.1"),
      })
      .prefault({}),
    egress: z
      .strictObject({
        apiServer: blocks("Addresses of the Kubernetes API, which each server reports to."),
        objectStore: blocks("Addresses of the storage of the backups."),
        databases: blocks("Addresses of servers on RDS: the blocks of their subnets."),
      })
      .prefault({}),
    ports: z
      .strictObject({
        sark: port(
          "Loopback port through which the program reaches the primary of sark. Left out: 25432, or a free one.",
        ).optional(),
        audit: port("The same for sark_audit. Left out: 25434, or a free one.").optional(),
      })
      .prefault({}),
    readyMinutes: whole(
      1,
      240,
      "Minutes in which a new or changed cluster has to become healthy.",
      "the roles and the schema wait for it",
    ).default(30),
    retain: flag(
      "Whether the database clusters, their namespace and what protects them stay when the stack is destroyed.",
      "with them go the volumes",
    ).default(true),
  })
  .prefault({});

const serverSize = z.strictObject({
  ...machineKeys,
  storage: z
    .strictObject({
      ...storageKeys,
      class: explained(
        z.string().min(1).max(253),
        "StorageClass of the volumes on Kubernetes. Left out: the cluster's default.",
        "the name of a StorageClass",
        "it decides on speed, encryption and whether a volume can grow",
      ).optional(),
      wal: size(
        "Size of the volume for the write-ahead log on Kubernetes. Left out: what the parameters need.",
        "a full volume stops the server",
      ).optional(),
    })
    .prefault({}),
});

/** What a database on Kubernetes has. */
const database = {
  home: z.literal("kubernetes"),
  ...databaseKeys,
  size: serverSize.optional(),
  availability,
  parameters,
  instances: whole(
    1,
    9,
    "Servers of a database on Kubernetes: a primary, and stand-bys in other zones that also serve reads. Left out: 3 for multi-zone, else 1 and the replicas.",
    "one server is not highly available, three survive the loss of any one",
  ).optional(),
  image: serverImage,
  synchronous: z
    .strictObject({
      replicas: whole(
        0,
        8,
        "Stand-bys that confirm each commit before the client hears of it. 0: none, and a failover may lose the last moments.",
        "a commit then waits for the network and another disk",
      ).default(0),
      durability: choice(
        ["required", "preferred"],
        "When too few stand-bys are there: writes wait (required), or go on unconfirmed (preferred).",
        "one keeps every commit, the other keeps the service",
      ).default("required"),
    })
    .prefault({}),
  recovery: z
    .strictObject({
      ...recoveryKeys,
      oldNames: whole(
        2,
        1000,
        "Number of the last cluster on Kubernetes that a recovery named without a g, such as sark-2. Left out: none.",
        "a cluster keeps its name",
      ).optional(),
    })
    .optional(),
};

export const kubernetesSark = z.strictObject({ ...database, replicas: replicas(5, 1) });

export const kubernetesAudit = z.strictObject({
  ...database,
  ...auditKeys,
  replicas: replicas(5, 0),
  timescaledb: z
    .strictObject({
      version: explained(
        z.string().regex(/^\d+\.\d+\.\d+$/),
        "Version of TimescaleDB in the image.",
        "a version such as 2.29.2",
        "it is checked against what the schema needs",
      ).default("2.29.2"),
      license: choice(
        ["timescale", "apache"],
        "Licence of the build in the image.",
        "compression, aggregates and policies are in the Timescale licence's build only",
      ).default("timescale"),
    })
    .prefault({}),
});

/** A stack's settings as this home reads them. */
export interface KubernetesStack extends Settings {
  kubernetes: z.output<typeof kubernetesSettings>;
}

export type KubernetesSark = z.output<typeof kubernetesSark>;
export type KubernetesAudit = z.output<typeof kubernetesAudit>;

type Clustered = KubernetesSark | KubernetesAudit;

/** Whether CloudNativePG runs a database. */
export function isClustered(database: DatabaseSettings): database is Clustered {
  return database.home === "kubernetes";
}
