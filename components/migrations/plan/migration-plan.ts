import { MigrationError } from "./errors";
import type { MigrationFile } from "./migration-files";

/**
 * Files that are not applied yet.
 * @param applied rows of the ledger
 * @throws MigrationError when an applied file was edited or removed, or a new file sorts before an
 *   applied one
 */
export function pendingFiles(
  files: readonly MigrationFile[],
  applied: readonly { readonly name: string; readonly hash: string }[],
): readonly MigrationFile[] {
  rejectChangedFiles(
    Object.fromEntries(applied.map((row) => [row.name, row.hash])),
    Object.fromEntries(files.map((file) => [file.name, file.hash])),
  );
  const done = new Set(applied.map((row) => row.name));
  return files.filter((file) => !done.has(file.name));
}

/**
 * Compares applied files with the folder, as name to hash. It needs no connection, so a preview runs it.
 * @throws MigrationError `missing`, `edited` or `out-of-order`
 */
export function rejectChangedFiles(
  applied: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): void {
  for (const [name, hash] of Object.entries(applied)) {
    const now = files[name];
    if (now === undefined) {
      throw new MigrationError(
        "missing",
        `${name} was applied but is no longer in the folder: restore the file from version control`,
      );
    }
    if (now !== hash) {
      throw new MigrationError(
        "edited",
        `${name} was edited after it was applied (sha-256 ${hash.slice(0, 12)}, now ${now.slice(0, 12)}): ` +
          `restore it, and put the change into a new file`,
      );
    }
  }
  const last = Object.keys(applied).sort().at(-1);
  const early = Object.keys(files).find(
    (name) => !(name in applied) && last !== undefined && name < last,
  );
  if (early !== undefined) {
    throw new MigrationError(
      "out-of-order",
      `${early} sorts before ${String(last)}, which is already applied: give it the next free number`,
    );
  }
}
