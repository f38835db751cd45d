import { z } from "zod";
import { isBlock } from "../../../text/ip-blocks";
import {
  choice,
  explained,
  flag,
  image,
  port,
  size,
  whole,
} from "../../../settings/plan/settings-fields";

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

export const kubernetesSettings = z.strictObject({
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
});

/** What a database on Kubernetes has besides what every home has. */
export const kubernetesDatabase = {
  instances: whole(
    1,
    9,
    "Servers of a database on Kubernetes: a primary, and stand-bys in other zones that also serve reads. Left out: 3 for multi-zone, else 1 and the replicas.",
    "one server is not highly available, three survive the loss of any one",
  ).optional(),
  image: image(
    "Image of the server on Kubernetes, or of the jobs of one on AWS. Left out: the operator's own for the major version, which has no TimescaleDB.",
  ).optional(),
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
      generation: whole(
        2,
        1000,
        "Number of the cluster that is made from the backup of the one before; each recovery takes the next.",
        "a cluster is recovered into a new one, and writes to an archive of its own",
      ),
      from: whole(
        1,
        999,
        "Number of the cluster whose backup is read. Left out: the one before.",
        "its archive is what is restored",
      ).optional(),
      oldNames: whole(
        2,
        1000,
        "Number of the last cluster on Kubernetes that a recovery named without a g, such as sark-2. Left out: none.",
        "a cluster keeps its name",
      ).optional(),
      time: explained(
        z.iso.datetime({ offset: true }),
        "Point in time to recover to. Left out: the end of the archive.",
        'a time with its zone, in quotes, such as "2026-03-01T10:00:00Z"',
        "a time without a zone is another time elsewhere",
      ).optional(),
    })
    .optional(),
};

/** What a TimescaleDB on Kubernetes has besides. */
export const timescaleSettings = z
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
  .prefault({});

/** Storage of a server on Kubernetes besides the size and kind. */
export const kubernetesStorage = {
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
};

/** Where backups go. */
export const bucketSettings = z.strictObject({
  path: explained(
    z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/),
    "Bucket of S3-compatible storage, with an optional folder.",
    "s3://bucket/folder",
    "backups and the write-ahead log are kept in it",
  ),
  region: explained(
    z.string().regex(/^[a-z0-9-]+$/),
    "Region of the bucket.",
    "a region's name",
    "requests are signed for it",
  ).default("us-east-1"),
  endpoint: explained(
    z.url({ protocol: /^https$/ }),
    "Address of storage other than Amazon's.",
    "an https address",
    "without TLS the backups could be read on their way",
  ).optional(),
  retentionDays: whole(
    1,
    3650,
    "Days after which the bucket itself deletes objects. Left out of a managed bucket: as few as a restore allows.",
    "a backup that the bucket deletes cannot be restored",
  ).optional(),
  access: choice(
    ["role", "keys"],
    "How the servers log in to the storage: a role of their service account, or the secrets sark-databases:backupAccessKeyId and sark-databases:backupSecretAccessKey.",
    "a role has no password that could leak",
  ).default("role"),
  managed: flag(
    "Whether the stack makes the bucket, its keys and the roles for it, in the account of `aws`.",
    "a bucket that somebody else made is left as it is",
  ).default(false),
  lock: z
    .strictObject({
      mode: choice(
        ["governance", "compliance"],
        "Who may delete a locked backup before its time: whoever has a special permission, or nobody, the account's root included.",
        "a lock in compliance mode cannot be undone",
      ).default("governance"),
      days: whole(
        7,
        3650,
        "Days for which a managed bucket keeps each version of an object from being deleted. Left out: `backups.retentionDays`.",
        "whoever breaks in deletes the backups first",
      ).optional(),
    })
    .prefault({}),
  role: explained(
    z.string().min(1),
    "Role (an ARN on AWS) that the service accounts take on. A managed bucket has roles of its own.",
    "a role's name",
    "it needs to read, write and list, and nothing else",
  ).optional(),
  roles: explained(
    z.record(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), z.string().min(1)),
    "Roles of single service accounts, by the account's name, in place of `role`. A managed bucket has roles of its own.",
    "names of service accounts, such as sark-audit or sark-dump, with a role each",
    "one that only writes dumps need not read the archive",
  ).default({}),
});

type BucketRoles = Pick<z.output<typeof bucketSettings>, "access" | "role" | "roles">;

/** The role that a service account takes on to open the bucket, if it has to say so itself. */
export function bucketRole(
  { access, role, roles }: BucketRoles,
  account: string,
): string | undefined {
  return access === "role" ? (roles[account] ?? role) : undefined;
}
