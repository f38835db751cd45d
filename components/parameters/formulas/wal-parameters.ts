import type { ParameterEntry } from "./parameter-entry";

/** A report may take this long before the log that the primary sends waits no longer for it. */
const REPORT_SECONDS = 15 * 60;

const COMPLETE = {
  takes: (value: unknown) => value !== "minimal",
  allowed: "replica or logical",
};

export const walParameters: readonly ParameterEntry[] = [
  {
    set: {
      max_wal_size: ({ wal }) => ({ bytes: wal.max }),
      min_wal_size: ({ wal }) => ({ bytes: wal.min }),
    },
    formula:
      "half of the memory within 1 to 16 GB, and a quarter of that: less writes pages whole too often, more makes recovery long",
    differs: {
      tools:
        "the guide's at 8 GB, and by memory and volume elsewhere: pgtune gives 8 GB also to a volume of 10; timescaledb-tune gives PostgreSQL's default unless it is told of a WAL disk, and then 60 % of it, with no room reserved for an absent replica's slot",
    },
    homes: { aws: { source: "guide" } },
  },
  {
    set: { max_slot_wal_keep_size: ({ wal }) => ({ bytes: wal.slotKeep }) },
    formula:
      "a known volume gives WAL a fifth (four fifths of its own): a third is `max_wal_size` at most, two thirds are this; else 4 x `max_wal_size`",
    homes: {
      kubernetes: {
        takes: (value) => value !== -1,
        allowed: "a size",
        why: "the operator keeps a slot for each stand-by, and one that stays away would hold back the log until the volume is full and the server stops",
      },
    },
  },
  {
    set: { checkpoint_timeout: 15 * 60 },
    formula:
      "15 min: after each checkpoint every page is logged whole once more; recovery is bounded by `max_wal_size`",
    homes: { aws: { source: "guide" } },
  },
  {
    set: { checkpoint_completion_target: 0.9 },
    homes: { aws: { source: "guide", default: "0.9" } },
  },
  {
    set: { wal_level: "replica" },
    homes: {
      local: { ...COMPLETE, why: "the replica needs a complete write-ahead log" },
      kubernetes: {
        ...COMPLETE,
        why: "the operator archives the write-ahead log, and a minimal one cannot be restored from",
      },
      aws: {
        leftOut:
          "RDS sets it by itself: its backups and replicas need the log, and rds.logical_replication makes it logical",
      },
    },
  },
  {
    set: { max_wal_senders: 10 },
    hotStandby: true,
    homes: {
      local: {
        takes: (value) => !(Number(value) < 2),
        allowed: "at least 2",
        why: "a replica is copied over two connections",
      },
      aws: { source: "reference" },
    },
  },
  {
    set: { max_replication_slots: 10 },
    homes: {
      local: {
        takes: (value) => !(Number(value) < 1),
        allowed: "at least 1",
        why: "the replica follows through a slot",
      },
      aws: { source: "reference" },
    },
  },
  {
    set: { max_prepared_transactions: 0 },
    hotStandby: true,
    homes: { aws: { source: "guide", default: "0" } },
  },
  {
    set: { hot_standby_feedback: undefined },
    homes: {
      aws: {
        source: "guide",
        replica: { value: true, why: "the primary keeps the rows that a report still reads" },
      },
    },
  },
  {
    set: { max_standby_streaming_delay: undefined, max_standby_archive_delay: undefined },
    homes: {
      aws: {
        source: "guide",
        replica: {
          value: REPORT_SECONDS * 1000,
          why: "15 min: so long a lock of a migration waits for a report, and then ends it",
        },
      },
    },
  },
];
