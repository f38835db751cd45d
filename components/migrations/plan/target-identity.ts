/** Identity of the database that a ledger belongs to. */
export interface TargetIdentity {
  /** System identifier from initdb, shared by physical copies; null when the server does not report it. */
  readonly systemIdentifier: string | null;
  readonly database: string;
  /** Major version of the server, such as 18. */
  readonly major: number;
}

/** An extension that the migrations use. */
export interface RequiredExtension {
  readonly name: string;
  /** Whether its library must be in `shared_preload_libraries`. */
  readonly preload: boolean;
}

/**
 * Compares a database with the recorded one. `changed` means that it must be recorded again: it was upgraded, or its
 * server did not report its identifier before.
 *
 * pg_upgrade creates a server with a new identifier, so a new identifier with a higher major version is accepted. A
 * dump restored into a higher version looks the same, and is accepted on purpose.
 */
export function compareTargets(
  recorded: TargetIdentity,
  now: TargetIdentity,
): "same" | "changed" | "other" {
  if (recorded.database !== now.database) return "other";
  const [before, after] = [recorded.systemIdentifier, now.systemIdentifier];
  if (before === after) return recorded.major === now.major ? "same" : "changed";
  if (before === null || after === null) return "changed";
  return now.major > recorded.major ? "changed" : "other";
}

/** `database sark of server 7711526767330208015 (PostgreSQL 18)`. */
export function describeTarget({ systemIdentifier, database, major }: TargetIdentity): string {
  return `database ${database} of server ${systemIdentifier ?? "without an identifier"} (PostgreSQL ${major})`;
}
