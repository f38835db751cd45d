import fc from "fast-check";
import {
  clusterParameters,
  operatorParameters,
} from "../../../../../components/homes/kubernetes/plan/cnpg-parameters";
import { majorVersions } from "../../../../../components/parameters/parameters";
import { planProblems, planServers } from "../../../../../components/homes/plan/stack-plan";
import { APPLICATION_TIERS } from "../../../../../components/connections/plan/application-tiers";
import { GiB, refuses, stackOf } from "./kubernetes-stack";

/** Names of CloudNativePG 1.30's FixedConfigurationParameters, as rejected by its webhook. */
const FIXED = `
  archive_command archive_mode cluster_name pg_failover_slots.primary_dsn pg_failover_slots.standby_slot_names port
  primary_conninfo primary_slot_name recovery_target recovery_target_action recovery_target_inclusive
  recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid
  restore_command shared_preload_libraries ssl ssl_ca_file ssl_cert_file ssl_crl_file ssl_dh_params_file
  ssl_ecdh_curve ssl_key_file ssl_passphrase_command ssl_passphrase_command_supports_reload
  ssl_prefer_server_ciphers synchronized_standby_slots synchronous_standby_names temp_tablespaces`;
const BLOCKED = `
  allow_system_table_mods archive_cleanup_command bonjour bonjour_name config_file data_directory data_sync_retry
  event_source external_pid_file hba_file hot_standby ident_file jit_provider listen_addresses log_destination
  log_directory log_file_mode log_filename log_rotation_age log_rotation_size log_truncate_on_rotation
  logging_collector promote_trigger_file recovery_end_command recovery_min_apply_delay restart_after_crash
  stats_temp_directory syslog_facility syslog_ident syslog_sequence_numbers syslog_split_messages
  unix_socket_directories unix_socket_group unix_socket_permissions`;
const names = (text: string) => text.trim().split(/\s+/);

describe("operator-controlled parameters", () => {
  const ofKind = (kind: string) =>
    [...operatorParameters].filter(([, each]) => each.kind === kind).map(([name]) => name);

  it("match those that its webhook refuses", () => {
    expect(ofKind("fixed").sort()).toEqual(names(FIXED).sort());
    expect(ofKind("blocked").sort()).toEqual(names(BLOCKED).sort());
  });

  it("each have a reason that completes an error message", () => {
    for (const [name, { why }] of operatorParameters) {
      expect([name, why]).toEqual([name, expect.stringMatching(/^[a-z].{20,}[^.]$/)]);
    }
  });
});

const stacks = fc.record({
  tier: fc.constantFrom(...Object.keys(APPLICATION_TIERS)),
  majorVersion: fc.constantFrom(...majorVersions),
  memory: fc.integer({ min: 2, max: 512 }),
  vcpus: fc.constantFrom(0.5, 1, 4, 16, 64),
  storage: fc.integer({ min: 1, max: 20_000 }),
  kind: fc.constantFrom("ssd", "hdd", "san"),
});

it("cluster parameters are strings without operator-controlled names, for any tier and size", () => {
  let planned = 0;
  fc.assert(
    fc.property(stacks, ({ tier, majorVersion, memory, vcpus, storage, kind }) => {
      const size = { memory: `${memory}GiB`, vcpus, storage: { size: `${storage}GiB`, kind } };
      const described = { majorVersion, size };
      const settings = stackOf({ sark: described, audit: described, application: { tier } });
      const share = { memory: GiB, vcpus: 1 };
      fc.pre(planProblems(settings, share).length === 0);
      planned += 1;
      for (const plan of Object.values(planServers(settings, share))) {
        const parameters = clusterParameters(plan);
        expect(parameters["max_connections"]).toBe(String(plan.maxConnections));
        expect(Object.keys(parameters).filter((name) => operatorParameters.has(name))).toEqual([]);
        expect(Object.values(parameters).filter((value) => typeof value !== "string")).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
  expect(planned).toBeGreaterThan(100);
});

it("cluster parameters omit operator-controlled names from any source", () => {
  const text = { unit: null, restart: false };
  const parameters = [
    { ...text, name: "port", value: 5433, setting: "5433" },
    { ...text, name: "jit", value: false, setting: "off" },
  ];
  expect(clusterParameters({ parameters })).toEqual({ jit: "off" });
});

const audit = (change: object) => ({ audit: change });
const sark = (change: object) => ({ sark: change });

refuses([
  [
    "a parameter that the operator sets",
    sark({ parameters: { archive_command: "cp %p /backup" } }),
    "sark.parameters.archive_command: got cp %p /backup",
    "not set: the operator controls this parameter",
    "archives WAL with its own program",
  ],
  [
    "a parameter that the operator blocks, in another case",
    audit({ parameters: { Log_Filename: "mine.log" } }),
    "audit.parameters.Log_Filename: got mine.log",
    "writes it to the pod's output as JSON",
  ],
  [
    "shared_preload_libraries as a parameter",
    audit({ parameters: { shared_preload_libraries: "timescaledb" } }),
    "audit.parameters.shared_preload_libraries: got timescaledb",
    "a separate list of libraries",
  ],
  [
    "a parameter that the operator overwrites",
    sark({ parameters: { allow_alter_system: true } }),
    "sark.parameters.allow_alter_system: got true",
    "to one server of the cluster only",
  ],
  [
    "a wal_level too low for restores",
    sark({ parameters: { wal_level: "minimal" } }),
    "sark.parameters.wal_level: got minimal",
    "replica or logical",
  ],
  [
    "a cluster that pg_rewind cannot handle",
    sark({ instances: 2, parameters: { wal_log_hints: false } }),
    "sark.parameters.wal_log_hints: got false",
    "rewinds a former primary",
  ],
  [
    "a slot that may retain WAL without limit",
    sark({ parameters: { max_slot_wal_keep_size: -1 } }),
    "sark.parameters.max_slot_wal_keep_size: got -1",
    "until the volume is full",
  ],
]);
