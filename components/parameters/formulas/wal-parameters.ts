import type { OverrideLimit, ParameterEntry } from "./parameter-entry";

const notMinimal = (why: string): OverrideLimit => ({
  accepts: (value) => value !== "minimal",
  allowed: "replica or logical",
  why,
});
const atLeast = (least: number, why: string): OverrideLimit => ({
  accepts: (value) => !(Number(value) < least),
  allowed: `at least ${least}`,
  why,
});

export const walParameters: readonly ParameterEntry[] = [
  {
    set: {
      max_wal_size: ({ wal }) => ({ bytes: wal.max }),
      min_wal_size: ({ wal }) => ({ bytes: wal.min }),
    },
    formula:
      "half of the memory, from 1 to 16 GB, and a quarter of that: less causes too many full-page writes, more makes recovery slow",
    whyNotTools:
      "the guide's value at 8 GB, otherwise by memory and volume. pgtune gives 8 GB even for a volume of 10 GB. timescaledb-tune keeps PostgreSQL's default unless given a WAL disk, and then takes 60 % of it, with no room for an absent replica's slot",
  },
  {
    set: { max_slot_wal_keep_size: ({ wal }) => ({ bytes: wal.slotKeep }) },
    formula:
      "WAL gets a fifth of a volume of known size (four fifths of a dedicated one): at most a third is `max_wal_size`, two thirds are this; otherwise 4 x `max_wal_size`",
    kubernetes: {
      accepts: (value) => value !== -1,
      allowed: "a size",
      why: "the operator keeps a slot for each stand-by; without a limit, an absent stand-by would retain WAL until the volume is full and the server stops",
    },
  },
  {
    set: { checkpoint_timeout: 15 * 60 },
    formula:
      "15 min: after each checkpoint, every changed page is logged in full once; `max_wal_size` limits recovery time",
  },
  { set: { checkpoint_completion_target: 0.9 }, aws: { default: "0.9" } },
  {
    set: { wal_level: "replica" },
    local: notMinimal("the replica needs complete WAL"),
    kubernetes: notMinimal("the operator archives WAL, and a restore needs more than minimal WAL"),
    aws: {
      leftOut:
        "RDS sets it: its backups and replicas need WAL, and rds.logical_replication makes it logical",
    },
  },
  {
    set: { max_wal_senders: 10 },
    hotStandby: true,
    local: atLeast(2, "a replica is cloned over two connections"),
  },
  {
    set: { max_replication_slots: 10 },
    local: atLeast(1, "the replica streams from a slot"),
  },
  { set: { max_prepared_transactions: 0 }, hotStandby: true, aws: { default: "0" } },
  {
    set: { hot_standby_feedback: undefined },
    awsReplica: { value: true, why: "the primary keeps rows that a running report still needs" },
  },
  {
    set: { max_standby_streaming_delay: undefined, max_standby_archive_delay: undefined },
    awsReplica: {
      value: 15 * 60 * 1000,
      why: "15 min: a migration's lock waits this long for a report on the replica, which is then cancelled",
    },
  },
];
