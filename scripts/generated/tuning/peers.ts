/**
 * The settings of pgtune and timescaledb-tune for a machine, to compute the comparison in docs/tuning.md and to
 * benchmark them. Reimplements their formulas: pgtune (le0pard, MIT) as of 2026-07, timescaledb-tune (Apache-2.0) as of
 * 2026-05. Omits features that a server may lack: lz4 (`wal_compression`, `default_toast_compression`) and io_uring
 * (`io_method`).
 */
import type { ParameterSet, TuningInput } from "../../../components/parameters/formulas/tune";
import { GB, MB, clamp, floorTo, kB } from "../../../components/parameters/formulas/bytes";
import { toParameterSet } from "../../../components/parameters/formulas/parameter-set";
import type { UncheckedValues } from "../../../components/parameters/formulas/parameter-set";

/** pgtune's "Online transaction processing system" on Linux. */
export function pgtune(input: TuningInput): ParameterSet {
  const { memory, maxConnections, storage } = input;
  const vcpus = Math.floor(input.vcpus);
  const sharedBuffers = memory / 4;
  const workers = vcpus >= 4 ? vcpus : 8;

  return toParameterSet(input.majorVersion, {
    max_connections: maxConnections,
    shared_buffers: { bytes: sharedBuffers },
    effective_cache_size: { bytes: (memory * 3) / 4 },
    maintenance_work_mem: { bytes: Math.min(memory / 16, 8 * GB) },
    ...(memory / 16 >= 2 * GB ? { autovacuum_work_mem: { bytes: 2 * GB } } : {}),
    work_mem: {
      bytes: Math.max((memory - sharedBuffers) / ((maxConnections + workers) * 3), 4 * MB),
    },
    wal_buffers: { bytes: pgtuneWalBuffers(sharedBuffers) },
    min_wal_size: { bytes: 2 * GB },
    max_wal_size: { bytes: 8 * GB },
    checkpoint_completion_target: 0.9,
    default_statistics_target: 100,
    random_page_cost: storage === "hdd" ? 4 : 1.1,
    effective_io_concurrency: { hdd: 2, ssd: 200, san: 300 }[storage],
    huge_pages: sharedBuffers >= 2 * GB ? "try" : "off",
    jit: false,
    ...(vcpus >= 4
      ? {
          max_worker_processes: vcpus,
          max_parallel_workers: vcpus,
          max_parallel_workers_per_gather: Math.min(Math.ceil(vcpus / 2), 4),
          max_parallel_maintenance_workers: Math.min(Math.ceil(vcpus / 2), 4),
        }
      : {}),
    ...(vcpus >= 16 ? { autovacuum_max_workers: vcpus >= 32 ? 5 : 4 } : {}),
  });
}

/** 3 % of `shared_buffers`, at most 16 MB; rounded up to 16 MB above 14 MB. */
function pgtuneWalBuffers(sharedBuffers: number): number {
  const share = Math.min((3 * sharedBuffers) / 100, 16 * MB);
  return share > 14 * MB ? 16 * MB : Math.max(share, 32 * kB);
}

/** timescaledb-tune's default profile on Linux. */
export function timescaledbTune(input: TuningInput): ParameterSet {
  const { memory, maxConnections, walStorageSize } = input;
  const vcpus = Math.floor(input.vcpus);
  const gigabytes = memory / GB;
  const maxWal =
    walStorageSize === undefined ? GB : Math.ceil((0.6 * walStorageSize) / (16 * MB)) * 16 * MB;

  return toParameterSet(input.majorVersion, {
    max_connections: maxConnections,
    shared_buffers: { bytes: memory / 4 },
    effective_cache_size: { bytes: (memory * 3) / 4 },
    maintenance_work_mem: { bytes: Math.min(gigabytes * 128 * MB, 2047 * MB) },
    work_mem: { bytes: timescaleWorkMem(gigabytes, maxConnections, vcpus) },
    wal_buffers: { bytes: memory < 2 * GB ? gigabytes * 7864 * kB : 16 * MB },
    min_wal_size: { bytes: maxWal / 2 },
    max_wal_size: { bytes: maxWal },
    checkpoint_completion_target: 0.9,
    default_statistics_target: 100,
    random_page_cost: 1.1,
    effective_io_concurrency: 256,
    max_locks_per_transaction: 128 * 2 ** clamp(Math.floor(Math.log2(gigabytes)) - 2, 0, 3),
    autovacuum_max_workers: 10,
    autovacuum_naptime: 10,
    jit: false,
    ...timescaleParallel(vcpus),
  });
}

/** The tool's formula for `work_mem`, with its rounding: 16 MB at 2 GB per processor and 100 connections. */
function timescaleWorkMem(gigabytes: number, connections: number, vcpus: number): number {
  const share = (gigabytes * 400 * MB) / connections / Math.max(Math.round(vcpus / 2), 1);
  if (share < MB) return Math.max(Math.round(share / kB), 64) * kB;
  return floorTo(share < GB ? kB : MB, share);
}

/** Recommended for at least two processors. */
function timescaleParallel(vcpus: number): UncheckedValues {
  if (vcpus < 2) return {};
  return {
    "timescaledb.max_background_workers": 16,
    max_worker_processes: 3 + 16 + vcpus,
    max_parallel_workers: vcpus,
    max_parallel_workers_per_gather: Math.round(vcpus / 2),
  };
}
