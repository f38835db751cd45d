import { z } from "zod";
import { APPLICATION_TIERS, type ApplicationTier } from "../../connections/plan/application-tiers";
import { choice, explained, flag, image, whole } from "./settings-fields";

/** Settings of what connects to the databases: the application and PgBouncer. */

const tiers = Object.keys(APPLICATION_TIERS) as [ApplicationTier, ...ApplicationTier[]];

export const application = z.strictObject({
  tier: choice(
    tiers,
    "Load that the application is built for, as the guide names it.",
    "max_connections and the size of direct pools follow from it",
  ).default("medium"),
  pods: whole(1, 1000, "Pods of the application.", "each keeps pools of its own").default(4),
  maxPods: whole(
    1,
    1000,
    "Most pods that an autoscaler may start. Left out: as many as `pods`.",
    "the budget has to hold at the maximum",
  ).optional(),
  maxSurge: explained(
    z.union([z.int().min(0).max(1000), z.templateLiteral([z.int().min(0).max(100), "%"])]),
    "Extra pods during a rolling update.",
    "a number of pods, or a share such as 25%",
    "old and new pods hold connections at the same time",
  ).default("25%"),
  poolSize: whole(
    1,
    500,
    "Connections that a pod keeps to each database. Left out: 5 through PgBouncer, else the tier's.",
    "pods x connections is what the databases see",
  ).optional(),
  maxOverflow: whole(
    0,
    500,
    "Connections that a pod may add in a burst. Left out: 2 through PgBouncer, else the tier's.",
    "pods x connections is what the databases see",
  ).optional(),
});

export const pool = z.strictObject({
  enabled: flag(
    "Whether PgBouncer stands between the application and the databases.",
    "without it each pod connects directly",
  ).default(true),
  instances: whole(1, 20, "PgBouncer processes.", "each has pools of its own").default(2),
  defaultPoolSize: whole(
    1,
    1000,
    "Server connections for each login and database, per instance.",
    "it is the number of statements that run at once",
  ).default(25),
  reservePoolSize: whole(
    0,
    1000,
    "Server connections beyond that for clients that have waited 3 s.",
    "they count against max_connections",
  ).default(5),
  sessionPoolSize: whole(
    1,
    100,
    "Server connections for each login of the session pool `sark_session`.",
    "each is one client's for as long as it stays",
  ).default(5),
  maxClientConnections: whole(
    10,
    50_000,
    "Clients for each instance.",
    "each takes a file descriptor",
  ).default(1000),
  maxServerConnections: whole(
    1,
    10_000,
    "Server connections for each entry and instance, all logins together. Left out: what fits into 80 % of the server's connections, 100 at most.",
    "it bounds what the databases see, whoever connects",
  ).optional(),
  openFiles: whole(
    256,
    1_048_576,
    "Limit of open files that an instance is started with.",
    "past it PgBouncer accepts nobody, and clients hang without an error",
  ).default(4096),
  image: image("Image of PgBouncer on Kubernetes. Left out: a fixed version.").optional(),
  exporterImage: image("Image of PgBouncer's exporter. Left out: a fixed version.").optional(),
});
