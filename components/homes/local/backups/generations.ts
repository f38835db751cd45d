/** Generations of a server's data: each recovery makes another beside the older ones. None is ever overwritten. */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { settingKey } from "../../../settings/plan/setting-key";
import { type BackupOptions, stanzaName } from "../plan/pgbackrest-config";
import type { RecoveryTarget } from "../plan/recovery-target";
import { type Admin, isAnswering, stop } from "../processes/postgres";
import { generationData, generationFile, servedGeneration } from "../processes/postgres-files";
import { readIfThere, removeFolder, syncFolder, writePrivately } from "../processes/private-files";
import { ownerOf } from "../processes/service-user";
import { readStanza } from "./available-backups";
import { withRepository } from "./pgbackrest";
import { restoreBackup } from "./restore-backup";
import { archiveNow } from "./server-backups";

/** The settings `sark.recovery`. */
export const recoveryInputs = z.object({
  generation: z.int().min(2),
  from: z.int().min(1).optional(),
  time: z.string().optional(),
});

export type Recovery = z.infer<typeof recoveryInputs>;

/** Number of the generation that the settings ask for. */
export function wantedGeneration(recovery: Recovery | undefined): number {
  return recovery?.generation ?? 1;
}

/** Number of the generation that a recovery restores. */
export function sourceGeneration({ generation, from = generation - 1 }: Recovery): number {
  return from;
}

/** Whether the folder has the data of a generation: it gets its name only when complete. */
export function hasGeneration(folder: string, generation: number): boolean {
  return existsSync(join(generationData(folder, generation), "PG_VERSION"));
}

const RECORD = z.object({ from: z.int(), time: z.string().optional() });

/** How a generation was restored; undefined for one that was not. */
export function recoveryRecord(
  folder: string,
  generation: number,
): z.infer<typeof RECORD> | undefined {
  const text = readIfThere(recordFile(folder, generation));
  return text === undefined ? undefined : RECORD.parse(JSON.parse(text));
}

function recordFile(folder: string, generation: number): string {
  return `${generationData(folder, generation)}.json`;
}

/**
 * Why a generation without data must not be restored: one that was served would lack what was written since, and mix
 * its archive. Undefined for a new one.
 * @throws BackupError if the repository cannot be read
 */
export async function lostGeneration(
  database: string,
  { generation }: Recovery,
  options: BackupOptions,
): Promise<string | undefined> {
  const own = await withRepository(options, stanzaName(database, generation), readStanza);
  if (own.systemIdentifier === undefined) return undefined;
  return (
    `${settingKey(["sark", "recovery", "generation"])}: generation ${generation} had backups of its own, and its data is gone. ` +
    `Take the next number to restore it: generation ${generation + 1}, from ${generation}, without time`
  );
}

/**
 * Restores the generation that the settings ask for, unless it exists. The served one keeps serving, and is not
 * touched.
 * @param admin as the served generation knows it
 */
export async function ensureRestored(
  folder: string,
  database: string,
  recovery: Recovery,
  options: BackupOptions,
  admin: Admin,
): Promise<void> {
  const { generation, time } = recovery;
  if (hasGeneration(folder, generation)) return;
  const lost = await lostGeneration(database, recovery, options);
  if (lost !== undefined) throw new Error(lost);
  const from = sourceGeneration(recovery);
  // Otherwise the archive lacks the last minutes.
  if (servedGeneration(folder) === from && (await isAnswering(folder))) {
    await archiveNow(folder, admin);
  }
  const target: RecoveryTarget = { time };
  const into = join(folder, `restoring-${generation}`);
  await withRepository(options, stanzaName(database, from), async (repository) => {
    await restoreBackup(repository, target, admin, into);
    await stop(into);
  });
  const record = JSON.stringify({ from, ...(time === undefined ? {} : { time }) });
  writePrivately(recordFile(folder, generation), record, ownerOf(folder));
  renameSync(generationData(into, 1), generationData(folder, generation));
  syncFolder(folder);
  removeFolder(into);
}

/** Stops the server if it serves another generation, and chooses the wanted one for the next start. */
export async function serveGeneration(folder: string, generation: number): Promise<void> {
  if (servedGeneration(folder) === generation) return;
  await stop(folder);
  if (generation === 1) rmSync(generationFile(folder), { force: true });
  else writePrivately(generationFile(folder), String(generation), ownerOf(folder));
}

/** Stops the server, and a restore that a killed command left behind. */
export async function stopAll(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith("restoring-")) await stop(join(folder, name));
  }
  await stop(folder);
}
