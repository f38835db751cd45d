import { z } from "zod";
import { APPLICATION_TIERS, type ApplicationTier } from "../../connections/plan/application-tiers";
import { choice, explained, flag, image, whole } from "./settings-fields";

/** Settings of the clients of the databases: the application and PgBouncer. */

const tiers = Object.keys(APPLICATION_TIERS) as [ApplicationTier, ...ApplicationTier[]];

export const application = z.strictObject({
  tier: choice(
    tiers,
    "Load tier of the application, as named in the optimization guide.",
    "max_connections and the size of direct pools depend on it",
  ).default("medium"),
  pods: whole(1, 1000, "Application pods.", "each pod has its own connection pools").default(4),
  maxPods: whole(
    1,
    1000,
    "Maximum number of pods of the autoscaler. Default: `pods`.",
    "the connection budget must hold at the maximum",
  ).optional(),
  maxSurge: explained(
    z.union([z.int().min(0).max(1000), z.templateLiteral([z.int().min(0).max(100), "%"])]),
    "Extra pods during a rolling update.",
    "a number of pods, or a percentage such as 25%",
    "old and new pods hold connections at the same time",
  ).default("25%"),
  poolSize: whole(
    1,
    500,
    "Connections that each pod keeps open to each database. Default: 5 through PgBouncer, otherwise the tier's pool size.",
    "the databases see pods x connections",
  ).optional(),
  maxOverflow: whole(
    0,
    500,
    "Extra connections that a pod may open in a burst. Default: 2 through PgBouncer, otherwise the tier's overflow.",
    "the databases see pods x connections",
  ).optional(),
});

export const pool = z.strictObject({
  enabled: flag(
    "Whether the application connects through PgBouncer.",
    "without it, each pod connects directly to the databases",
  ).default(true),
  instances: whole(1, 20, "PgBouncer processes.", "each instance has its own pools").default(2),
  defaultPoolSize: whole(
    1,
    1000,
    "Server connections per login and database, on each instance.",
    "it limits how many statements run at once",
  ).default(25),
  reservePoolSize: whole(
    0,
    1000,
    "Extra server connections for clients that have waited 3 s.",
    "they count towards max_connections",
  ).default(5),
  sessionPoolSize: whole(
    1,
    100,
    "Server connections per login of the session pool `sark_session`.",
    "each client holds one until it disconnects",
  ).default(5),
  maxClientConnections: whole(
    10,
    50_000,
    "Client connections per instance.",
    "each takes a file descriptor",
  ).default(1000),
  maxServerConnections: whole(
    1,
    10_000,
    "Maximum server connections per pool entry and instance, all logins together. Default: the share that fits into 80 % of the server's connections, at most 100.",
    "it limits the connections to the database, whichever login opens them",
  ).optional(),
  openFiles: whole(
    256,
    1_048_576,
    "Open-file limit of each instance.",
    "beyond it PgBouncer accepts no connections, and clients hang without an error",
  ).default(4096),
  image: image("Container image of PgBouncer on Kubernetes. Default: a pinned version.").optional(),
  exporterImage: image(
    "Container image of the PgBouncer exporter. Default: a pinned version.",
  ).optional(),
});
