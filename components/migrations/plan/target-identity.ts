/** Which database a ledger belongs to. */
export interface TargetIdentity {
  /** What initdb gave to the server, and its physical copies keep; null where the server does not tell it. */
  readonly systemIdentifier: string | null;
  readonly database: string;
  /** The server's major version, such as 18. */
  readonly major: number;
}

/** An extension that the migrations use. */
export interface RequiredExtension {
  readonly name: string;
  /** Whether it works only in a server that has its library in `shared_preload_libraries`. */
  readonly preload: boolean;
}

/**
 * Compares a database with one that was recorded: the same, one that is to be recorded anew (it was upgraded, or its
 * server did not tell its identifier until now), or another.
 *
 * pg_upgrade makes a new server with a new identifier, so another identifier is no other database if the major version
 * is higher. A dump that is restored into a higher version looks the same, and is meant to.
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
