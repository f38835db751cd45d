/** Renders pgBackRest's configuration, and names what it stores. Pure. */
import { bucketPath } from "../../../backups/plan/bucket-path";

/** Where the backups and the WAL archive are. */
export type BackupStore =
  | { readonly folder: string }
  | {
      /** As `backups.bucket.path`. */
      readonly bucket: string;
      readonly region: string;
      /** @default - Amazon's */
      readonly endpoint?: string | undefined;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      /** PEM of the authorities that the endpoint's certificate is checked against. @default - the system's */
      readonly caFile?: string | undefined;
    };

/** Backups of one server. */
export interface BackupOptions {
  readonly store: BackupStore;
  /** Encrypts the repository. */
  readonly passphrase: string;
  readonly retentionDays: number;
  /** Bytes of WAL that the server keeps while archiving fails. Beyond it, WAL is dropped, and a gap begins. */
  readonly walBound: number;
}

/** The server that a configuration is for. */
interface BackedUpServer {
  readonly stanza: string;
  readonly data: string;
  readonly port: number;
  /** Folder of its Unix socket. */
  readonly socketFolder: string;
  readonly user: string;
  /** Folder for its locks. */
  readonly ownFolder: string;
}

/** Name of a server's part of the repository: each generation archives into its own. */
export function stanzaName(database: string, generation: number): string {
  return generation === 1 ? database : `${database}-g${generation}`;
}

/** The repository as its users know it: the folder, or the bucket's path. */
export function storeName(store: BackupStore): string {
  return "folder" in store ? store.folder : store.bucket;
}

/** Seconds without an answer of the storage after which a request fails. */
const STORAGE_TIMEOUT = 20;

/** The text of pgbackrest.conf. It contains secrets. */
export function renderBackupConfig(
  { store, passphrase, retentionDays, walBound }: BackupOptions,
  { stanza, data, port, socketFolder, user, ownFolder }: BackedUpServer,
): string {
  const global: Readonly<Record<string, string | number>> = {
    ...storeOptions(store),
    "repo1-cipher-type": "aes-256-cbc",
    "repo1-cipher-pass": passphrase,
    "repo1-bundle": "y",
    "repo1-retention-full-type": "time",
    "repo1-retention-full": retentionDays,
    "archive-push-queue-max": walBound,
    // A page that fails its checksum fails the backup. A warning would be lost, and the good backups would expire.
    "checksum-page-error": "y",
    "start-fast": "y",
    "compress-type": "zst",
    "compress-level": 3,
    "io-timeout": STORAGE_TIMEOUT,
    "lock-path": `${ownFolder}/lock`,
    "spool-path": `${ownFolder}/spool`,
    // Standard output is for the answer, often JSON.
    "log-level-console": "off",
    "log-level-stderr": "warn",
    "log-level-file": "off",
    "log-timestamp": "n",
  };
  return [
    "# Generated; changes made here are overwritten. It contains the passphrase of the backups.",
    ...section("global", global),
    ...section(stanza, {
      "pg1-path": data,
      "pg1-port": port,
      "pg1-socket-path": socketFolder,
      "pg1-user": user,
      "pg1-database": "postgres",
    }),
  ].join("\n");
}

function storeOptions(store: BackupStore): Record<string, string | number> {
  if ("folder" in store) {
    // Damage does not heal by reading again.
    return { "repo1-type": "posix", "repo1-path": store.folder, "job-retry": 0 };
  }
  const { bucket, folder } = bucketPath(store.bucket);
  const { hostname, port } = new URL(store.endpoint ?? `https://s3.${store.region}.amazonaws.com`);
  return {
    "repo1-type": "s3",
    // Apart from what other homes of the stack keep in the same folder.
    "repo1-path": `/${[folder, "pgbackrest"].filter(Boolean).join("/")}`,
    "repo1-s3-bucket": bucket,
    "repo1-s3-region": store.region,
    "repo1-s3-endpoint": hostname,
    ...(port === "" ? {} : { "repo1-storage-port": port }),
    ...(store.endpoint === undefined ? {} : { "repo1-s3-uri-style": "path" }),
    "repo1-s3-key": store.accessKeyId,
    "repo1-s3-key-secret": store.secretAccessKey,
    ...(store.caFile === undefined ? {} : { "repo1-storage-ca-file": store.caFile }),
  };
}

function section(name: string, options: Readonly<Record<string, string | number>>): string[] {
  return [`[${name}]`, ...Object.entries(options).map(([key, value]) => `${key}=${value}`), ""];
}
