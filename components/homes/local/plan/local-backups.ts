/** Backups of the local home, as far as the settings decide them. Pure. */
import { archiveLoss, type HomeBackups } from "../../../backups/plan/backup-promise";
import { valueText } from "../../../objectives/plan/readable-value";
import { parameterNumber } from "../../../parameters/parameter-number";
import { settingKey } from "../../../settings/plan/setting-key";
import type { bucketSettings } from "../../../settings/plan/settings-bucket";
import { quoted } from "../../../text/printable";
import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import type { z } from "zod";

/** The settings `backups`, as far as the local home reads them. */
interface Backups {
  readonly retentionDays: number;
  readonly folder?: string | undefined;
  readonly bucket?: z.output<typeof bucketSettings> | undefined;
}

/** Minutes: the longest time for which committed transactions are not yet archived, while archiving works. */
const ARCHIVE_MINUTES = 5;
export const ARCHIVE_TIMEOUT = `${ARCHIVE_MINUTES}min`;

const GiB = 2 ** 30;

/**
 * Bytes of WAL that a server keeps while archiving fails. Beyond it, WAL is dropped: the server goes on, and point-in-
 * time recovery has a gap until the next base backup. The same as what an absent replica may retain, so that both
 * together need no more space.
 */
export function walBound({ parameters }: Pick<ServerPlan, "parameters">): number {
  const slots = parameterNumber(parameters, "max_slot_wal_keep_size", -1);
  return slots > 0 ? slots : 4 * parameterNumber(parameters, "max_wal_size", GiB);
}

/** What the backups of sark can keep: base backups and WAL in pgBackRest's repository. */
export function localBackups(
  { folder, bucket, retentionDays }: Backups,
  plan: Pick<ServerPlan, "parameters">,
): HomeBackups | undefined {
  const store = localStore({ folder, bucket });
  if (store === undefined) return undefined;
  const location = "folder" in store ? store.folder : store.bucket.path;
  return {
    days: retentionDays,
    ...archiveLoss(parameterNumber(plan.parameters, "archive_timeout", ARCHIVE_MINUTES * 60)),
    location,
    ...OWN_BACKUPS,
    walKept: `${valueText(walBound(plan), "bytes")} of WAL, and then drops it until the next base backup`,
  };
}

/** What the backups of the embedded TimescaleDB can keep: dumps. */
export function localDumps({ folder, retentionDays }: Backups): HomeBackups | undefined {
  if (folder === undefined) return undefined;
  return {
    days: retentionDays,
    dumpsOnly: true,
    lossReason: "the embedded TimescaleDB has no WAL archive, only dumps",
    location: folder,
    ...OWN_BACKUPS,
  };
}

const OWN_BACKUPS = {
  encryption: "encrypted with the stack's passphrase",
  writer: "the servers' user",
  reader: "who has the passphrase",
  deleter: "npm run backup after that time, or who may write there",
};

/**
 * Where the backups of sark go; undefined without backups. A bucket that needs a role is for the servers of other homes.
 */
export function localStore({ folder, bucket }: Pick<Backups, "folder" | "bucket">) {
  if (folder !== undefined) return { folder };
  return bucket?.access === "keys" && !bucket.managed ? { bucket } : undefined;
}

/** The settings with which the local home has backups; undefined if it has them. */
export function missingStore(backups: Backups): string | undefined {
  return localStore(backups) ? undefined : "backups.folder, or backups.bucket with access keys";
}

/** The problem of a folder for backups of a server that is not on this machine. */
export function folderProblems({ folder }: Backups): readonly Problem[] {
  return compact<Problem>(
    folder !== undefined && {
      key: settingKey(["backups", "folder"]),
      value: quoted(folder),
      allowed: "nothing, unless sark.home is local",
      why: "servers elsewhere cannot write to this machine",
    },
  );
}

/**
 * Problems of backups on this machine.
 * @param parameters of the server, as set
 * @param elsewhere whether servers of another home use the bucket
 */
export function localBackupProblems(
  backups: Backups,
  parameters: Readonly<Record<string, string | number | boolean>>,
  elsewhere: boolean,
): readonly Problem[] {
  const { folder, bucket } = backups;
  if (folder === undefined && bucket === undefined) return [];
  return compact<Problem>(
    folder !== undefined &&
      bucket !== undefined &&
      !elsewhere && {
        key: settingKey(["backups", "folder"]),
        value: quoted(folder),
        allowed: "unset if backups.bucket is set",
        why: "the server archives to one place",
      },
    localStore(backups) === undefined &&
      !elsewhere && {
        key: settingKey(["backups", "bucket", "access"]),
        value: bucket?.access ?? "",
        allowed: "keys, and managed false",
        why: "servers on this machine have no role in a cloud",
      },
    ...["archive_mode", "archive_command", "archive_library"].map(
      (name) =>
        parameters[name] !== undefined && {
          key: settingKey(["sark", "parameters", name]),
          value: quoted(String(parameters[name])),
          allowed: "nothing: the stack sets it",
          why: "pgBackRest archives the WAL for the stack's backups",
        },
    ),
  );
}
