/** Renders the configuration files of a local PostgreSQL. Pure: nothing here touches a file. */
import { HOST } from "./ports";

/** Parameters by how a change takes effect. Values as in postgresql.conf, without quotes. */
interface ServerParameters {
  /** A change restarts the server. */
  readonly restart: Readonly<Record<string, string>>;
  /** A change takes effect in the running server. */
  readonly reload: Readonly<Record<string, string>>;
}

/** Content of the generated `sark.conf`. */
export interface ServerConfiguration {
  readonly port: number;
  readonly preload: readonly string[];
  readonly parameters: ServerParameters;
  /** Folder of the Unix socket; undefined for TCP alone. */
  readonly socketFolder: string | undefined;
  /** Shown in the process list. */
  readonly clusterName: string;
  /** Shell command that archives a WAL segment; the parameter archive_mode turns it on. @default - no archive */
  readonly archiveCommand?: string;
  /** A replica's source. */
  readonly replication?: { readonly conninfo: string; readonly slot: string };
}

/** Bytes of the longest folder whose socket path is valid: Linux allows 107 bytes, macOS 103. */
const SOCKET_FOLDER_BYTES = 103 - "/.s.PGSQL.65535".length;

/** The folder for the Unix socket, or undefined when its path would be too long for one. */
export function socketFolder(folder: string): string | undefined {
  return Buffer.byteLength(folder) <= SOCKET_FOLDER_BYTES ? folder : undefined;
}

/** The text of `sark.conf`: every parameter once, sorted, quoted. */
export function renderConfiguration(configuration: ServerConfiguration): string {
  const { port, preload, parameters, clusterName, archiveCommand, replication } = configuration;
  // Retry sooner than the default: a primary on the same machine is back within a second or two.
  const defaults = replication === undefined ? {} : { wal_retrieve_retry_interval: "1s" };
  const lines = new Map(
    Object.entries({ ...defaults, ...parameters.restart, ...parameters.reload }),
  );
  const own: Readonly<Record<string, string>> = {
    cluster_name: clusterName,
    listen_addresses: HOST,
    port: String(port),
    shared_preload_libraries: preload.join(","),
    unix_socket_directories: configuration.socketFolder ?? "",
    unix_socket_permissions: "0700",
    // One file per weekday, emptied when it is used again: one week of log.
    logging_collector: "on",
    log_directory: "../log",
    log_file_mode: "0600",
    log_filename: "postgresql-%a.log",
    log_rotation_age: "1d",
    log_rotation_size: "0",
    log_truncate_on_rotation: "on",
    ...(archiveCommand === undefined ? {} : { archive_command: archiveCommand }),
    ...(replication === undefined
      ? {}
      : {
          hot_standby: "on",
          primary_conninfo: replication.conninfo,
          primary_slot_name: replication.slot,
        }),
  };
  for (const [name, value] of Object.entries(own)) lines.set(name, value);
  return [
    "# Generated; changes made here are overwritten. ALTER SYSTEM would hide what this file says.",
    ...[...lines]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${parameterName(name)} = ${quoteValue(name, value)}`),
    "",
  ].join("\n");
}

/** pg_hba.conf: SCRAM passwords for everyone, from this machine only. */
export function renderHba(): string {
  const databases = ["all", "replication"];
  return [
    "# Generated. Every session proves its password by SCRAM; nothing is trusted.",
    ...databases.flatMap((database) => [
      `local  ${database}  all  scram-sha-256`,
      `host   ${database}  all  127.0.0.1/32  scram-sha-256`,
      `host   ${database}  all  ::1/128  scram-sha-256`,
    ]),
    "",
  ].join("\n");
}

/** Values of a libpq connection string, quoted. */
export function renderConninfo(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}='${value.replaceAll(/[\\']/g, "\\$&")}'`)
    .join(" ");
}

/** One line of a password file, for any database of a server. */
export function renderPassfile(host: string, port: number, user: string, password: string): string {
  const escaped = [host, String(port), "*", user, password].map((field, index) =>
    index === 2 ? field : field.replaceAll(/[\\:]/g, "\\$&"),
  );
  return `${escaped.join(":")}\n`;
}

function parameterName(name: string): string {
  if (/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i.test(name)) return name;
  throw new Error(`invalid parameter name "${name}" for postgresql.conf`);
}

function quoteValue(name: string, value: string): string {
  // A line break would end the value and let the rest be read as another parameter.
  if (/[\0\r\n]/.test(value)) {
    throw new Error(`parameter ${name}: its value contains a line break; remove it`);
  }
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
