import { archiveLoss, type HomeBackups } from "../../../backups/plan/backup-promise";
import { parameterNumber } from "../../../parameters/parameter-number";
import type { ServerPlan } from "../../plan/server-plan";
import type { Backups, Bucket, NamedCluster } from "./cluster-stack";
import { clusterNames } from "./cluster-names";

/** The operator's default of archive_timeout, in seconds. */
export const ARCHIVE_TIMEOUT = 300;

/** Seconds after which a cluster archives its WAL at the latest; 0 only when a segment of it is full. */
export function archiveTimeout({ parameters }: Pick<ServerPlan, "parameters">): number {
  return parameterNumber(parameters, "archive_timeout", ARCHIVE_TIMEOUT);
}

/** What the backups of a cluster can keep: base backups and WAL in the bucket. */
export function clusterBackups(
  own: NamedCluster,
  { bucket, retentionDays }: Backups,
  plan: ServerPlan,
): HomeBackups | undefined {
  if (!bucket) return undefined;
  const { cluster } = clusterNames(own);
  const { path, region, endpoint, managed } = bucket;
  return {
    days: retentionDays,
    ...archiveLoss(archiveTimeout(plan)),
    location: `${path.replace(/\/$/, "")}/${cluster} (${endpoint ?? region})`,
    encryption: managed ? "encrypted with the bucket's KMS key" : "encrypted as the bucket is set",
    ...access(bucket),
    walKept: "all WAL until its volume is full, and then stops",
  };
}

function access({
  access: way,
  managed,
  role,
}: Bucket): Pick<HomeBackups, "writer" | "reader" | "deleter"> {
  if (managed) {
    const own = "the role of its own pods";
    return { writer: own, reader: own, deleter: "the bucket's lifecycle rules" };
  }
  const who =
    way === "keys" ? "who has the storage keys" : `the role ${role ?? "of its service account"}`;
  return { writer: who, reader: who, deleter: who };
}
