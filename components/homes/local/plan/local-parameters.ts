import { overrideRefusal, collectTunedFacts } from "../../../parameters/formulas/tuned-parameters";
import type { ParameterValue } from "../../../parameters/known/parameter-facts";
import type { ProblemReason } from "../../../text/problem";

const LOG = "the stack reads the server's log, and keeps a week of it in the server's folder";
const FILES = "the server keeps its files in its folder below .sark/local";
const ADDRESS = "the server listens on 127.0.0.1 and on the socket in its folder";
const TLS = "the server listens on this machine only, and has no TLS key or certificate";
const REPLICA = "the local home configures replication";
const RECOVERY =
  "the replica would stop replaying, or read from elsewhere; the local home has no WAL archive";
const HBA = "the local home writes the access rules: SCRAM passwords, from this machine only";

/** Parameters that the local home controls, with the reason, and the setting to use instead if there is one. */
export const CONTROLLED_PARAMETERS: Readonly<
  Record<string, string | readonly [why: string, instead: string]>
> = {
  archive_cleanup_command: RECOVERY,
  bonjour: ADDRESS,
  bonjour_name: ADDRESS,
  cluster_name: "the local home sets it to the name of the server's folder",
  config_file: FILES,
  data_directory: FILES,
  dynamic_library_path: "the server loads the libraries of its own package",
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
  port: ["the local home sets it", "local.ports.sark"],
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
  shared_preload_libraries: "the local home loads the libraries of the stack's extensions",
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

/** Name of the replica's slot, and its application_name on the primary. */
export const REPLICA_SLOT = "sark_replica";

/**
 * Why the local home refuses a value of a parameter; undefined if it accepts it.
 * @param replicas number of replicas in the stack
 */
export function localRefusal(
  name: string,
  value: ParameterValue,
  replicas: number,
): ProblemReason | undefined {
  const controlled = Object.hasOwn(CONTROLLED_PARAMETERS, name)
    ? CONTROLLED_PARAMETERS[name]
    : undefined;
  if (controlled !== undefined) {
    const [why, instead] = typeof controlled === "string" ? [controlled] : controlled;
    return {
      allowed: instead === undefined ? "nothing: the local home sets it" : `the setting ${instead}`,
      why,
    };
  }
  if (name === "synchronous_standby_names") {
    const why = standbyProblem(String(value), replicas);
    if (why === undefined) return undefined;
    return {
      allowed: replicas === 0 ? "empty without a replica" : `${REPLICA_SLOT} or *`,
      why,
    };
  }
  return replicas === 0 ? undefined : overrideRefusal(REPLICA_NEEDS.get(name), value);
}

/** Limits for values that the primary accepts but with which its replica cannot follow. */
const REPLICA_NEEDS = collectTunedFacts(({ local }) => local);

/**
 * Why commits would never be confirmed; undefined if they are.
 * @param text as in postgresql.conf: `*`, `a, "b"`, `ANY 1 (a, b)`
 */
function standbyProblem(text: string, replicas: number): string | undefined {
  if (text.trim() === "") return undefined;
  const standbys = readStandbys(text);
  if (standbys === undefined)
    return "the server expects a list of names, such as a, b, or ANY 1 (a, b)";
  const accepted = standbys.names.some((name) => name === "*" || name === REPLICA_SLOT);
  return accepted && replicas >= standbys.count
    ? undefined
    : "every commit would wait for ever for a stand-by that does not exist";
}

interface Standbys {
  /** Number of stand-bys that must confirm a commit. */
  readonly count: number;
  /** In lower case, as the server compares them. */
  readonly names: readonly string[];
}

/** Parses the list as PostgreSQL does (syncrep_scanner.l, syncrep_gram.y); undefined for a text that it refuses. */
function readStandbys(text: string): Standbys | undefined {
  const words: readonly string[] = text.match(WORD) ?? [];
  if (!LIST.test(words.map(kindOf).join(""))) return undefined;
  const open = words.indexOf("(");
  const count = open < 0 ? 1 : Number(words[open - 1]);
  const names = words.slice(open + 1).filter((word) => word !== "," && word !== ")");
  if (count === 0) return undefined;
  return { count, names: names.map((name) => name.replace(/^"|"$/g, "").toLowerCase()) };
}

const WORD = /"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+|\S/gi;

/** Valid token sequences, in the letters of {@link kindOf}. */
const LIST = /^(?:k?n\([an](?:,[an])*\)|[an](?:,[an])*)$/;

/** `k` for a keyword, `n` for a number, `a` for a name; any other token stands for itself. */
function kindOf(word: string): string {
  if (/^(?:any|first)$/i.test(word)) return "k";
  if (/^\d/.test(word)) return "n";
  return /^(?:\*|".*"|[a-z_\u0080-\uffff].*)$/is.test(word) ? "a" : word;
}
