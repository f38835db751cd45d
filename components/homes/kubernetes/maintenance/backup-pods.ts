import type { types } from "@pulumi/kubernetes";
import type { DrillWork, MaintenanceJob } from "../../../maintenance/plan/maintenance-plan";
import { AUTH_SCHEMA } from "../../../pool/plan/auth-query-plan";
import { clusterNames } from "../plan/cluster-names";
import { ARCHIVE_TIMEOUT, archiveTimeout } from "../plan/cluster-promise";
import type { JobStore } from "../plan/cluster-stack";
import { memoryQuantity } from "../plan/quantity";
import { drillVolumeSize } from "../plan/wal-volume";
import {
  type JobContext,
  MEMORY,
  PATHS,
  SHARED,
  client,
  clientVolumes,
  resources,
  script,
  storeClient,
  storeVolumes,
} from "./job-containers";

/** Pods of the jobs that make and prove backups. */

/** One compression stream, and the check that unpacks it. */
const DUMPER = resources("1", "512Mi");
/** The part in upload: up to 100 MiB for a database of a TiB, twice. */
const UPLOADER = resources("500m", "512Mi");
/** Barman with two streams; a server with 64 MiB of buffers. */
const RESTORER = resources("1", "1Gi");

/** How many times `archive_timeout` WAL may take to reach the archive. */
const ARCHIVE_PATIENCE = 3;
/** Seconds of a drill's deadline that are kept for its checks. */
const CHECKING = 3600;

/**
 * Dumps with the server's own image, since pg_dump cannot read a newer server, into a pipe; the other container uploads
 * what comes out of it. No volume holds the dump.
 */
export function dumpPod(job: MaintenanceJob, context: JobContext) {
  const { cluster } = clusterNames(context.database);
  const folder = { DUMP_FOLDER: PATHS.shared };
  return {
    containers: [
      client(job, context, {
        // pg_dump resets the session's lock_timeout.
        args: [
          ...["/bin/bash", script("maintenance-dump.sh"), `--lock-wait-timeout=${job.lockWait}s`],
          ...(context.server.hasVerifierTable ? [`--exclude-schema=${AUTH_SCHEMA}`] : []),
        ],
        env: folder,
        resources: DUMPER,
        volumeMounts: [SHARED],
      }),
      storeClient(context, {
        name: "upload",
        script: "maintenance-upload.py",
        env: (store) => ({
          ...folder,
          DUMP_TARGET: `${pathOf(store)}/dumps/${cluster}`,
          DUMP_NAME: cluster,
        }),
        resources: UPLOADER,
      }),
    ],
    volumes: [
      ...clientVolumes(context),
      ...storeVolumes(context),
      // The pipe, and a few small files.
      { name: SHARED.name, ...MEMORY },
    ],
  };
}

/**
 * Records what the primary holds, restores base backup and WAL from the bucket, then recovers and checks them with the
 * server's own image. Only the second container sees the bucket, and only the others the password.
 */
export function drillPod(job: MaintenanceJob, work: DrillWork, context: JobContext) {
  const { database, plan } = context;
  const folder = { DRILL_FOLDER: PATHS.shared };
  const tables = `--set=tables=${work.tables ? "on" : "off"}`;
  return {
    initContainers: [
      client(job, context, {
        name: "record",
        args: ["/bin/bash", script("restore-record.sh"), tables],
        env: folder,
        resources: DUMPER,
        volumeMounts: [SHARED],
      }),
      storeClient(context, {
        name: "fetch",
        script: "restore-fetch.py",
        env: (each) => ({
          ...folder,
          DRILL_ARCHIVE: pathOf(each),
          DRILL_SERVER: clusterNames(database).cluster,
          DRILL_WAIT: String(archivedWithin(plan)),
        }),
        resources: RESTORER,
      }),
    ],
    containers: [
      client(job, context, {
        args: ["/bin/bash", script("restore-drill.sh"), tables],
        env: {
          ...folder,
          DRILL_DIGESTS: work.tables ? "skip" : "verify",
          DRILL_PRELOAD: plan.preload.join(","),
          DRILL_SECONDS: String(job.deadline - CHECKING),
        },
        resources: RESTORER,
        volumeMounts: [SHARED],
      }),
    ],
    volumes: [...clientVolumes(context), ...storeVolumes(context), drillVolume(context)],
  };
}

/** Seconds within which WAL has to reach the archive. With archive_timeout 0, a quiet server archives none. */
function archivedWithin(plan: JobContext["plan"]): number {
  return ARCHIVE_PATIENCE * Math.max(archiveTimeout(plan), ARCHIVE_TIMEOUT);
}

/** A volume created and deleted with the run's pod, since the node's disk may be too small. */
function drillVolume({ plan }: JobContext): types.input.core.v1.Volume {
  const { class: storageClass } = plan.size.storage;
  return {
    name: SHARED.name,
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
          resources: { requests: { storage: memoryQuantity(drillVolumeSize(plan)) } },
        },
      },
    },
  };
}

function pathOf({ bucket }: JobStore): string {
  return bucket.path.replace(/\/$/, "");
}
