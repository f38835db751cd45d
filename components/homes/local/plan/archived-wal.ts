/** Reads pgBackRest's lists of backups and of archived WAL. Pure. */
import { z } from "zod";
import { explainErrors } from "./backup-errors";

/** A base backup that can be restored. */
export interface BaseBackup {
  /** pgBackRest's name of it. */
  readonly label: string;
  /** ISO times, UTC. A recovery can begin at `finished`. */
  readonly started: string;
  readonly finished: string;
  /** First and last WAL segment that its restore needs. */
  readonly firstWal: string;
  readonly lastWal: string;
  /** LSN from which on a recovery can begin. */
  readonly lsn: string;
  /** Bytes of the server's files, and of the backup. */
  readonly bytes: number;
  readonly storedBytes: number;
}

/** Missing WAL between two archived segments: no recovery leads across it. */
export interface WalGap {
  readonly after: string;
  readonly before: string;
}

/** An archived WAL segment. */
export interface ArchivedSegment {
  readonly name: string;
  /** When it was archived. ISO, UTC. */
  readonly time: string;
}

/** A server's part of a repository. */
export interface Stanza {
  /** The server's; undefined if nothing was archived yet. */
  readonly systemIdentifier: string | undefined;
  /** Folder of its WAL, below the stanza's. */
  readonly archive: string | undefined;
  readonly backups: readonly BaseBackup[];
  /** Why the repository cannot be read. */
  readonly problem: string | undefined;
}

const INFO = z.array(
  z.object({
    name: z.string(),
    archive: z.array(z.object({ id: z.string() })).default([]),
    backup: z
      .array(
        z.object({
          label: z.string(),
          archive: z.object({ start: z.string().nullable(), stop: z.string().nullable() }),
          lsn: z.object({ start: z.string(), stop: z.string() }).optional(),
          timestamp: z.object({ start: z.number(), stop: z.number() }),
          info: z.object({
            size: z.number(),
            repository: z.object({ size: z.number().default(0) }),
          }),
        }),
      )
      .default([]),
    db: z.array(z.object({ "system-id": z.string() })).default([]),
    status: z.object({ code: z.number(), message: z.string() }),
    repo: z
      .array(z.object({ status: z.object({ code: z.number(), message: z.string() }) }))
      .default([]),
  }),
);

/** Statuses that are no problems: ok; no stanza; no backup yet; a stanza without data. */
const USUAL = [0, 1, 2, 3];

/** Reads the output of `pgbackrest info --output=json` about one stanza. */
export function readInfo(json: string): Stanza {
  const readable = json
    // A 64-bit number, which JavaScript would round.
    .replaceAll(/("system-id":)(\d+)/g, '$1"$2"')
    // Errors quote the content of damaged files as it is.
    .replaceAll(/\p{Cc}/gu, " ");
  const [stanza] = INFO.parse(JSON.parse(readable));
  const problem = stanza?.repo.find(({ status }) => !USUAL.includes(status.code))?.status.message;
  return {
    systemIdentifier: stanza?.db.at(-1)?.["system-id"],
    archive: stanza?.archive.at(-1)?.id,
    problem: problem === undefined ? undefined : explainErrors(`ERROR: ${problem}`),
    backups: (stanza?.backup ?? []).map(({ label, archive, lsn, timestamp, info }) => ({
      label,
      started: isoTime(timestamp.start),
      finished: isoTime(timestamp.stop),
      firstWal: archive.start ?? "",
      lastWal: archive.stop ?? "",
      lsn: lsn?.stop ?? "",
      bytes: info.size,
      storedBytes: info.repository.size,
    })),
  };
}

const FILES = z.record(z.string(), z.object({ type: z.string(), time: z.number().optional() }));

/** Reads the output of `pgbackrest repo-ls --recurse --output=json` about a folder of WAL: its segments in order. */
export function readSegments(json: string): readonly ArchivedSegment[] {
  return Object.entries(FILES.parse(JSON.parse(json)))
    .flatMap(([path, { time = 0 }]) => {
      const name = /(?:^|\/)([0-9A-F]{24})-[0-9a-f]{40}[^/]*$/.exec(path)?.[1];
      return name === undefined ? [] : [{ name, time: isoTime(time) }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Gaps in the archive from a segment on. A timeline begins where its recovery ended, so only segments of the same
 * timeline follow each other.
 */
export function walGaps(segments: readonly ArchivedSegment[], first: string): readonly WalGap[] {
  const names = segments.map(({ name }) => name).filter((name) => name >= first);
  const missingFirst = first !== "" && names[0] !== first && names.length > 0;
  return [
    ...(missingFirst ? [{ after: "the base backup", before: names[0] ?? "" }] : []),
    ...names.slice(1).flatMap((name, index) => {
      const after = names[index] ?? "";
      const follows = timeline(after) !== timeline(name) || position(name) - position(after) <= 1;
      return follows ? [] : [{ after, before: name }];
    }),
  ];
}

const timeline = (name: string): string => name.slice(0, 8);

/** Number of a segment of 16 MiB, 256 of which share the middle part of the name. */
function position(name: string): number {
  return Number.parseInt(name.slice(8, 16), 16) * 256 + Number.parseInt(name.slice(16), 16);
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
