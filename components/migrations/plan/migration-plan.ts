import { MigrationError } from "./errors";
import type { MigrationFile } from "./migration-files";

/**
 * The files that a database still lacks.
 * @param applied the ledger's rows
 * @throws MigrationError when an applied file was edited or is gone, or a new one stands before an applied one
 */
export function pendingFiles(
  files: readonly MigrationFile[],
  applied: readonly { readonly name: string; readonly hash: string }[],
): readonly MigrationFile[] {
  refuseChanges(
    Object.fromEntries(applied.map((row) => [row.name, row.hash])),
    Object.fromEntries(files.map((file) => [file.name, file.hash])),
  );
  const done = new Set(applied.map((row) => row.name));
  return files.filter((file) => !done.has(file.name));
}

/**
 * Compares name -> hash of what was applied with what the folder holds now; needs no connection, so a preview runs it.
 * @throws MigrationError
 */
export function refuseChanges(
  applied: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): void {
  for (const [name, hash] of Object.entries(applied)) {
    const now = files[name];
    if (now === undefined) {
      throw new MigrationError(
        "missing",
        `${name} was applied and is not in the folder any more: restore the file from version control`,
      );
    }
    if (now !== hash) {
      throw new MigrationError(
        "edited",
        `${name} was applied with other content (sha-256 ${hash.slice(0, 12)}, now ${now.slice(0, 12)}): ` +
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
      `${early} stands before ${String(last)}, which was already applied: give it the next free number`,
    );
  }
}
