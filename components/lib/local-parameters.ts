import type { ParameterValue } from "./parameters";
import type { Refusal } from "./problem";

const LOG = "the program reads the server's log, and keeps a week of it in the server's folder";
const FILES = "the files of the server lie in its folder in .sark/local";
const ADDRESS = "the server listens on 127.0.0.1 and on the socket in its folder";
const TLS = "the server listens on this machine alone, and has neither a key nor a certificate";
const REPLICA = "the home connects the replica to the primary";
const RECOVERY =
  "the replica would stop at that point, or copy from elsewhere; the local home has no archive";
const HBA = "the home writes the access rules: SCRAM passwords from this machine alone";

/** All parameters that the local home controls, with the reason. The second word is the setting to use instead. */
const CONTROLLED: Readonly<Record<string, string | readonly [why: string, instead: string]>> = {
  archive_cleanup_command: RECOVERY,
  bonjour: ADDRESS,
  bonjour_name: ADDRESS,
  cluster_name: "the home sets it to the name of the server's folder",
  config_file: FILES,
  data_directory: FILES,
  external_pid_file: FILES,
  hba_file: HBA,
  hot_standby: REPLICA,
  ident_file: HBA,
  listen_addresses: ADDRESS,
  log_destination: LOG,
  log_directory: LOG,
  log_file_mode: LOG,
  log_filename: LOG,
  log_rotation_age: LOG,
  log_rotation_size: LOG,
  log_truncate_on_rotation: LOG,
  logging_collector: LOG,
  port: ["the home sets it", "local.ports.sark"],
  primary_conninfo: REPLICA,
  primary_slot_name: REPLICA,
  recovery_end_command: RECOVERY,
  recovery_target: RECOVERY,
  recovery_target_action: RECOVERY,
  recovery_target_inclusive: RECOVERY,
  recovery_target_lsn: RECOVERY,
  recovery_target_name: RECOVERY,
  recovery_target_time: RECOVERY,
  recovery_target_timeline: RECOVERY,
  recovery_target_xid: RECOVERY,
  restore_command: RECOVERY,
  shared_preload_libraries: "the home loads what the stack's extensions need",
  ssl: TLS,
  ssl_ca_file: TLS,
  ssl_cert_file: TLS,
  ssl_crl_dir: TLS,
  ssl_crl_file: TLS,
  ssl_dh_params_file: TLS,
  ssl_key_file: TLS,
  ssl_passphrase_command: TLS,
  ssl_passphrase_command_supports_reload: TLS,
  unix_socket_directories: ADDRESS,
  unix_socket_group: ADDRESS,
  unix_socket_permissions: ADDRESS,
};

/** The names of {@link CONTROLLED}. */
export const localParameters: readonly string[] = Object.keys(CONTROLLED);

/** Why the local home does not take a value of a parameter. @param replicas how many the stack has */
export function localRefusal(
  name: string,
  value: ParameterValue,
  replicas: number,
): Refusal | undefined {
  const controlled = Object.hasOwn(CONTROLLED, name) ? CONTROLLED[name] : undefined;
  if (controlled !== undefined) {
    const [why, instead] = typeof controlled === "string" ? [controlled] : controlled;
    return {
      allowed: instead === undefined ? "nothing: the local home sets it" : `the setting ${instead}`,
      why,
    };
  }
  if (name === "wal_level" && value === "minimal") {
    return { allowed: "replica or logical", why: "the server has max_wal_senders for its replica" };
  }
  if (name === "synchronous_standby_names" && replicas === 0 && value !== "") {
    return {
      allowed: "nothing without a replica",
      why: "every commit would wait for one for ever",
    };
  }
  if (name === "max_wal_senders" && replicas > 0 && Number(value) < 2) {
    return { allowed: "at least 2", why: "a replica is copied over two connections" };
  }
  if (name === "max_replication_slots" && replicas > 0 && Number(value) < 1) {
    return { allowed: "at least 1", why: "the replica follows through a slot" };
  }
  return undefined;
}
