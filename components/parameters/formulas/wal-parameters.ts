import type { Limit, ParameterEntry } from "./parameter-entry";

const notMinimal = (why: string): Limit => ({
  takes: (value) => value !== "minimal",
  allowed: "replica or logical",
  why,
});
const atLeast = (least: number, why: string): Limit => ({
  takes: (value) => !(Number(value) < least),
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
      "half of the memory within 1 to 16 GB, and a quarter of that: less writes pages whole too often, more makes recovery long",
    whyNotTools:
      "the guide's at 8 GB, and by memory and volume elsewhere: pgtune gives 8 GB also to a volume of 10; timescaledb-tune gives PostgreSQL's default unless it is told of a WAL disk, and then 60 % of it, with no room reserved for an absent replica's slot",
  },
  {
    set: { max_slot_wal_keep_size: ({ wal }) => ({ bytes: wal.slotKeep }) },
    formula:
      "a known volume gives WAL a fifth (four fifths of its own): a third is `max_wal_size` at most, two thirds are this; else 4 x `max_wal_size`",
    kubernetes: {
      takes: (value) => value !== -1,
      allowed: "a size",
      why: "the operator keeps a slot for each stand-by, and one that stays away would hold back the log until the volume is full and the server stops",
    },
  },
  {
    set: { checkpoint_timeout: 15 * 60 },
    formula:
      "15 min: after each checkpoint every page is logged whole once more; recovery is bounded by `max_wal_size`",
  },
  { set: { checkpoint_completion_target: 0.9 }, aws: { default: "0.9" } },
  {
    set: { wal_level: "replica" },
    local: notMinimal("the replica needs a complete write-ahead log"),
    kubernetes: notMinimal(
      "the operator archives the write-ahead log, and a minimal one cannot be restored from",
    ),
    aws: {
      leftOut:
        "RDS sets it by itself: its backups and replicas need the log, and rds.logical_replication makes it logical",
    },
  },
  {
    set: { max_wal_senders: 10 },
    hotStandby: true,
    local: atLeast(2, "a replica is copied over two connections"),
  },
  {
    set: { max_replication_slots: 10 },
    local: atLeast(1, "the replica follows through a slot"),
  },
  { set: { max_prepared_transactions: 0 }, hotStandby: true, aws: { default: "0" } },
  {
    set: { hot_standby_feedback: undefined },
    awsReplica: { value: true, why: "the primary keeps the rows that a report still reads" },
  },
  {
    set: { max_standby_streaming_delay: undefined, max_standby_archive_delay: undefined },
    awsReplica: {
      value: 15 * 60 * 1000,
      why: "15 min: so long a lock of a migration waits for a report, and then ends it",
    },
  },
];
