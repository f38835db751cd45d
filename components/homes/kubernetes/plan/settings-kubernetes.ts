import { z } from "zod";
import { isBlock } from "../../../text/ip-blocks";
import { isSchedule } from "../../../text/schedule";
import {
  auditKeys,
  availabilitySetting,
  type DatabaseSettings,
  databaseKeys,
  machineKeys,
  parameters,
  recoveryKeys,
  replicasSetting,
  serverImage,
  storageKeys,
} from "../../../settings/plan/settings-database";
import {
  enumSetting,
  withDocumentation,
  booleanSetting,
  tcpPortSetting,
  sizeSetting,
  integerSetting,
} from "../../../settings/plan/settings-fields";
import type { Settings } from "../../../settings/plan/settings-stack";

/** Settings of the Kubernetes home. */

const operator = (what: string) =>
  enumSetting(
    ["given", "install"],
    `Whether ${what} is already installed in the cluster (given), or the stack installs its Helm chart (install).`,
    "two installations of an operator in one cluster conflict",
  ).default("given");

const blocks = (description: string) =>
  withDocumentation(
    z.array(z.string().refine(isBlock)).min(1),
    description,
    "CIDR blocks, each by its first address, such as 10.0.0.0/16 or 2001:db8::/32",
    "the network policies allow exactly these",
  ).default(["0.0.0.0/0"]);

const label = (description: string) =>
  withDocumentation(
    z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
    description,
    "up to 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
    "Kubernetes allows no other names",
  );

export const kubernetesSettings = z
  .strictObject({
    context: withDocumentation(
      z.string().min(1),
      "Kubeconfig context. Left out: the current one.",
      "a context name",
      "the program connects to that cluster",
    ).optional(),
    version: withDocumentation(
      z.string().regex(/^1\.\d+$/),
      "Kubernetes minor version of the cluster.",
      'a version in quotes, such as "1.34"',
      "it is checked against what the operator supports",
    ).default("1.34"),
    namespace: label("Namespace of everything that the stack creates on Kubernetes.").default(
      "sark-databases",
    ),
    loginSecrets: booleanSetting(
      "Whether to create Secrets with the application's logins in its namespace.",
      "a pod can mount Secrets of its own namespace only",
    ).default(true),
    clients: label("Namespace of the application, whose pods connect to PgBouncer.").default(
      "sark",
    ),
    runner: label(
      "Namespace in which this program runs with route direct: its pods may connect to the servers. Left out: none.",
    ).optional(),
    monitoring: label("Namespace of Prometheus, whose pods scrape the metrics.").default(
      "monitoring",
    ),
    operators: z
      .strictObject({
        namespace: label("Namespace of CloudNativePG and its Barman Cloud plugin.").default(
          "cnpg-system",
        ),
        cloudnativePg: operator("CloudNativePG"),
        barmanCloud: operator("the Barman Cloud plugin"),
        certManager: operator("cert-manager"),
        version: withDocumentation(
          z.string().regex(/^\d+\.\d+\.\d+$/),
          "Version of CloudNativePG, installed or to be installed.",
          "a version such as 1.30.1",
          "settings and images are checked against it",
        ).default("1.30.1"),
      })
      .prefault({}),
    snapshots: z
      .strictObject({
        class: withDocumentation(
          z.string().min(1).max(253),
          "VolumeSnapshotClass of the snapshots. Its driver has to be that of the volumes' StorageClass.",
          "the name of a VolumeSnapshotClass",
          "the operator takes no snapshot without one",
        ),
        schedule: withDocumentation(
          z.string().refine(isSchedule),
          "Schedule of the snapshots, in UTC: second, minute, hour, day of the month, month, day of the week.",
          "six fields such as 0 0 14 * * *, with 0 to 6 or SUN to SAT for the day of the week, and a time that occurs",
          "by default half a day after the base backups, so a recovery reads at most half a day of WAL",
        ).default("0 0 14 * * *"),
      })
      .optional()
      .meta({
        description:
          "Volume snapshots of the databases, in addition to the base backups in `backups.bucket`: restoring a large one takes minutes instead of hours. Nothing deletes old ones. Left out: none.",
      }),
    egress: z
      .strictObject({
        apiServer: blocks("Addresses of the Kubernetes API, to which each server reports."),
        objectStore: blocks("Addresses of the backup storage."),
        databases: blocks("Addresses of the RDS servers: the CIDR blocks of their subnets."),
      })
      .prefault({}),
    ports: z
      .strictObject({
        sark: tcpPortSetting(
          "Loopback port for the program's connection to the primary of sark. Left out: 25432, or a free one.",
        ).optional(),
        audit: tcpPortSetting(
          "Loopback port for the program's connection to the primary of sark_audit. Left out: 25434, or a free one.",
        ).optional(),
      })
      .prefault({}),
    readyMinutes: integerSetting(
      1,
      240,
      "Timeout in minutes for a new or changed cluster to become healthy.",
      "roles and schema wait for it",
    ).default(30),
    retain: booleanSetting(
      "Whether the database clusters and everything they depend on stay when the stack is destroyed.",
      "deleting a cluster deletes its volumes",
    ).default(true),
  })
  .prefault({});

const serverSize = z.strictObject({
  ...machineKeys,
  storage: z
    .strictObject({
      ...storageKeys,
      class: withDocumentation(
        z.string().min(1).max(253),
        "StorageClass of the volumes on Kubernetes. Left out: the cluster's default.",
        "the name of a StorageClass",
        "it determines speed, encryption and whether a volume can grow",
      ).optional(),
      wal: sizeSetting(
        "Size of the WAL volume on Kubernetes. Left out: computed from the parameters.",
        "a full volume stops the server",
      ).optional(),
    })
    .prefault({}),
});

/** Settings of a database on Kubernetes. */
const database = {
  home: z.literal("kubernetes"),
  ...databaseKeys,
  size: serverSize.optional(),
  availability: availabilitySetting,
  parameters,
  instances: integerSetting(
    1,
    9,
    "Servers on Kubernetes: a primary, and stand-bys that also serve reads. Left out: 1 plus replicas, at least 3 for multi-zone.",
    "one server is not highly available; three survive the loss of any one",
  ).optional(),
  image: serverImage,
  synchronous: z
    .strictObject({
      replicas: integerSetting(
        0,
        8,
        "Stand-bys that must confirm each commit. 0: asynchronous, so a failover may lose the latest commits.",
        "each commit then waits for the network and another disk",
      ).default(0),
      durability: enumSetting(
        ["required", "preferred"],
        "With too few stand-bys, writes wait (required) or commit unconfirmed (preferred).",
        "required keeps every commit, preferred keeps the service available",
      ).default("required"),
    })
    .prefault({}),
  recovery: z
    .strictObject({
      ...recoveryKeys,
      oldNames: integerSetting(
        2,
        1000,
        "Number of the last recovered cluster on Kubernetes without a g in its name, such as sark-2. Left out: none.",
        "an existing cluster keeps its name",
      ).optional(),
    })
    .optional(),
};

export const kubernetesSark = z.strictObject({ ...database, replicas: replicasSetting(5, 1) });

export const kubernetesAudit = z.strictObject({
  ...database,
  ...auditKeys,
  replicas: replicasSetting(5, 0),
  timescaledb: z
    .strictObject({
      version: withDocumentation(
        z.string().regex(/^\d+\.\d+\.\d+$/),
        "Version of TimescaleDB in the image.",
        "a version such as 2.29.2",
        "it is checked against what the schema needs",
      ).default("2.29.2"),
      license: enumSetting(
        ["timescale", "apache"],
        "Licence of the build in the image.",
        "only the build under the Timescale licence has compression, continuous aggregates and policies",
      ).default("timescale"),
    })
    .prefault({}),
});

/** A stack's settings, as seen by this home. */
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
