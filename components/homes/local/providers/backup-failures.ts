/** Problems of a server's backups and recovery that are found before anything changes. */
import { z } from "zod";
import { quoted } from "../../../text/printable";
import { type InputFailure, changedInputs } from "../../../resources/untyped-inputs";
import { settingKey } from "../../../settings/plan/setting-key";
import { availableBackups, readStanza } from "../backups/available-backups";
import { findPgBackRest } from "../backups/find-pgbackrest";
import {
  hasGeneration,
  lostGeneration,
  type Recovery,
  recoveryInputs,
  recoveryRecord,
  sourceGeneration,
  wantedGeneration,
} from "../backups/generations";
import { withRepository } from "../backups/pgbackrest";
import { otherServer } from "../backups/server-backups";
import { type BackupOptions, stanzaName, storeName } from "../plan/pgbackrest-config";
import { targetProblem } from "../plan/recovery-target";
import { existingServerFolder } from "../processes/paths";
import { systemIdentifier } from "../processes/postgres";
import { socketFolder } from "../processes/postgres-config";
import { servedGeneration } from "../processes/postgres-files";
import { directory, identifier } from "./inputs";

const RECOVERY = ["sark", "recovery"];

/** Inputs that describe backups. */
export const backupInputs = z.object({
  store: z.union([
    z.object({ folder: z.string() }),
    z.object({
      bucket: z.string(),
      region: z.string(),
      endpoint: z.string().optional(),
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      caFile: z.string().optional(),
    }),
  ]),
  passphrase: z.string().min(1),
  retentionDays: z.int().min(1),
  walBound: z.number(),
}) satisfies z.ZodType<BackupOptions>;

const CHECKED = z.object({
  directory,
  database: identifier,
  backups: backupInputs.optional(),
  recovery: recoveryInputs.optional(),
});

/** @param olds inputs of the last run */
export async function backupFailures(inputs: unknown, olds: unknown): Promise<InputFailure[]> {
  const known = CHECKED.safeParse(inputs).data;
  if (known === undefined) return [];
  const { database, backups, recovery } = known;
  const folder = existingServerFolder(known.directory);
  const generation = wantedGeneration(recovery);
  const exists = folder !== undefined && hasGeneration(folder, generation);
  if (recovery !== undefined && folder !== undefined && exists) {
    const made = recoveryRecord(folder, generation);
    if (made && (made.time !== recovery.time || made.from !== sourceGeneration(recovery))) {
      return [failure("recovery", generationTaken(recovery, made))];
    }
  }
  if (generation === 1 && folder !== undefined && !exists && servedGeneration(folder) !== 1) {
    return [failure("recovery", `${settingKey(RECOVERY)}: generation 1 has no data any more`)];
  }
  if (backups === undefined) return [];
  if (folder !== undefined && socketFolder(folder) === undefined) {
    return [
      failure(
        "backups",
        `the folder ${quoted(folder, 200)} is too long for the socket that pgBackRest connects to; move the checkout`,
      ),
    ];
  }
  const unchanged = changedInputs(["backups"], olds, { backups }).length === 0;
  // `up` installs it after the preview, and the server's own check of the repository follows.
  if ((exists && unchanged) || findPgBackRest() === undefined) return [];
  try {
    const reason =
      recovery !== undefined && !exists
        ? await recoveryProblem(database, backups, recovery)
        : await storeProblem(database, backups, generation, exists ? folder : undefined);
    return reason === undefined ? [] : [failure("backups", reason)];
  } catch (error) {
    return [failure("backups", error instanceof Error ? error.message : String(error))];
  }
}

function failure(property: string, reason: string): InputFailure {
  return { property, reason };
}

function generationTaken(
  { generation }: Recovery,
  made: { readonly from: number; readonly time?: string | undefined },
): string {
  const how = `from generation ${made.from} to ${made.time ?? "the end of the archive"}`;
  return (
    `${settingKey([...RECOVERY, "generation"])}: generation ${generation} exists, restored ${how}. ` +
    "A recovery never overwrites data: take the next number"
  );
}

async function recoveryProblem(
  database: string,
  backups: BackupOptions,
  recovery: Recovery,
): Promise<string | undefined> {
  const lost = await lostGeneration(database, recovery, backups);
  if (lost !== undefined) return lost;
  const stanza = stanzaName(database, sourceGeneration(recovery));
  return withRepository(backups, stanza, async (repository) => {
    const problem = targetProblem(
      { time: recovery.time },
      await availableBackups(repository),
      new Date(),
    );
    return (
      problem &&
      `${settingKey(RECOVERY)}: generation ${sourceGeneration(recovery)} cannot be restored: ${problem}`
    );
  });
}

/** @param folder of a server with data; undefined for one that is to be made */
async function storeProblem(
  database: string,
  backups: BackupOptions,
  generation: number,
  folder: string | undefined,
): Promise<string | undefined> {
  const stanza = stanzaName(database, generation);
  const found = await withRepository(backups, stanza, readStanza);
  const { systemIdentifier: archived } = found;
  if (archived === undefined) return undefined;
  if (folder === undefined) {
    return (
      `${storeName(backups.store)} holds backups of an earlier server as ${stanza}, and this server has no data. Set ` +
      `${settingKey(RECOVERY)} to restore them, or another folder or bucket path to begin without`
    );
  }
  return systemIdentifier(folder) === archived
    ? undefined
    : otherServer(storeName(backups.store), stanza);
}
