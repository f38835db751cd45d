import { z } from "zod";
import { APPLICATION_TIERS, type ApplicationTier } from "../../connections/plan/application-tiers";
import {
  enumSetting,
  withDocumentation,
  booleanSetting,
  imageSetting,
  integerSetting,
} from "./settings-fields";

/** Settings of the clients of the databases: the application and PgBouncer. */

const tiers = Object.keys(APPLICATION_TIERS) as [ApplicationTier, ...ApplicationTier[]];

export const application = z.strictObject({
  tier: enumSetting(
    tiers,
    "Load tier of the application, as named in the optimization guide.",
    "max_connections and the size of direct pools depend on it",
  ).default("medium"),
  pods: integerSetting(
    1,
    1000,
    "Application pods.",
    "each pod has its own connection pools",
  ).default(4),
  maxPods: integerSetting(
    1,
    1000,
    "Maximum number of pods of the autoscaler. Default: `pods`.",
    "the connection budget must hold at the maximum",
  ).optional(),
  maxSurge: withDocumentation(
    z.union([z.int().min(0).max(1000), z.templateLiteral([z.int().min(0).max(100), "%"])]),
    "Extra pods during a rolling update.",
    "a number of pods, or a percentage such as 25%",
    "old and new pods hold connections at the same time",
  ).default("25%"),
  poolSize: integerSetting(
    1,
    500,
    "Connections that each pod keeps open to each database. Default: 5 through PgBouncer, otherwise the tier's pool size.",
    "the databases see pods x connections",
  ).optional(),
  maxOverflow: integerSetting(
    0,
    500,
    "Extra connections that a pod may open in a burst. Default: 2 through PgBouncer, otherwise the tier's overflow.",
    "the databases see pods x connections",
  ).optional(),
});

export const pool = z.strictObject({
  enabled: booleanSetting(
    "Whether the application connects through PgBouncer.",
    "without it, each pod connects directly to the databases",
  ).default(true),
  instances: integerSetting(
    1,
    20,
    "PgBouncer processes.",
    "each instance has its own pools",
  ).default(2),
  defaultPoolSize: integerSetting(
    1,
    1000,
    "Server connections per login and database, on each instance.",
    "it limits how many statements run at once",
  ).default(25),
  reservePoolSize: integerSetting(
    0,
    1000,
    "Extra server connections for clients that have waited 3 s.",
    "they count towards max_connections",
  ).default(5),
  sessionPoolSize: integerSetting(
    1,
    100,
    "Server connections per login of the session pool `sark_session`.",
    "each client holds one until it disconnects",
  ).default(5),
  maxClientConnections: integerSetting(
    10,
    50_000,
    "Client connections per instance.",
    "each takes a file descriptor",
  ).default(1000),
  maxServerConnections: integerSetting(
    1,
    10_000,
    "Maximum server connections per pool entry and instance, all logins together. Default: the share that fits into 80 % of the server's connections, at most 100.",
    "it limits the connections to the database, whichever login opens them",
  ).optional(),
  openFiles: integerSetting(
    256,
    1_048_576,
    "Open-file limit of each instance.",
    "beyond it PgBouncer accepts no connections, and clients hang without an error",
  ).default(4096),
  image: imageSetting(
    "Container image of PgBouncer on Kubernetes. Default: a pinned version.",
  ).optional(),
  exporterImage: imageSetting(
    "Container image of the PgBouncer exporter. Default: a pinned version.",
  ).optional(),
});
