import type { BackupRecord } from "./record";

/** An encrypted file of a dump. */
export interface DumpPart {
  readonly file: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** What a dump holds and how to check it, in a file beside the dump. */
export interface DumpManifest {
  readonly format: 1;
  readonly database: string;
  readonly systemIdentifier: string;
  /** Version of the server, such as `17.5`. */
  readonly postgresql: string;
  /** Version of the extension, which a restore needs exactly; null without it. */
  readonly timescaledb: string | null;
  readonly pgDump: string;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly bytes: number;
  readonly parts: readonly DumpPart[];
  readonly record: BackupRecord;
  /** Which key it is encrypted with. */
  readonly keyId: string;
  /** Authenticates all other fields. */
  readonly mac: string;
}

/** The text that the `mac` is made of. */
export function signedText(manifest: Omit<DumpManifest, "mac">): string {
  return JSON.stringify({ ...manifest, mac: undefined });
}

/** Why fields that belong together do not agree; undefined if they do. */
export function contradiction({ record, database, ...rest }: DumpManifest): string | undefined {
  if (record.database !== database) {
    return `it is of the database ${database}, and its record of ${record.database}`;
  }
  if (record.systemIdentifier !== rest.systemIdentifier) {
    return `it is of the server ${rest.systemIdentifier}, and its record of ${record.systemIdentifier}`;
  }
  const sum = rest.parts.reduce((total, { bytes }) => total + bytes, 0);
  if (sum !== rest.bytes) return `it has ${rest.bytes} bytes, and its parts have ${sum}`;
  if (Date.parse(rest.finishedAt) < Date.parse(rest.startedAt)) return "it ends before its start";
  return undefined;
}
