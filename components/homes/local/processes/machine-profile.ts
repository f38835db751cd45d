/** Size of this machine, and the share of it that a local server gets. */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

export interface MachineProfile {
  /** Memory in bytes: the machine's, or the limit of a container. */
  readonly memoryBytes: number;
  /** Processors, likewise; a container may have a fraction of one. */
  readonly vcpus: number;
}

const MEBIBYTE = 1024 * 1024;
/** Memory is rounded down to a multiple of this, so that kernel reservations do not change a preview. */
const STEP = 64 * MEBIBYTE;
/**
 * Minimum for the 100 connections of the smallest tier. A server is tuned for this memory but allocates only what it
 * uses.
 */
const MIN_MEMORY = 1024 * MEBIBYTE;
const MAX_MEMORY = 2048 * MEBIBYTE;
const MAX_VCPUS = 4;

/**
 * The share of a machine that a local server is tuned for: an eighth of the memory, between 1 GiB and 2 GiB, and half
 * of the processors, from one to four. The rest is left to the user.
 */
export function localShare(profile: MachineProfile): { memory: number; vcpus: number } {
  const eighth = Math.floor(profile.memoryBytes / 8 / STEP) * STEP;
  return {
    memory: Math.min(MAX_MEMORY, Math.max(MIN_MEMORY, eighth)),
    vcpus: Math.min(MAX_VCPUS, Math.max(1, Math.floor(profile.vcpus / 2))),
  };
}

/**
 * Reads the machine's total memory and processors, and the limits of this process's control groups. It ignores free
 * memory, which changes from one preview to the next.
 */
export function machineProfile(
  read: (path: string) => string | undefined = readText,
): MachineProfile {
  const limits = controlGroups(read);
  return {
    memoryBytes: Math.min(totalmem(), ...limits.map(({ memory }) => memory)),
    vcpus: Math.min(cpus().length || 1, ...limits.map(({ vcpus }) => vcpus)),
  };
}

interface Limit {
  readonly memory: number;
  readonly vcpus: number;
}

/** Limits of this process's control groups and of their parents, for cgroup v1 and v2. */
export function controlGroups(read: (path: string) => string | undefined): Limit[] {
  return (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const names = controllers.split(",");
    if (controllers === "") return withParents(path).map((group) => limitsV2(group, read));
    if (names.includes("memory")) return withParents(path).map((group) => memoryV1(group, read));
    if (names.includes("cpu")) return withParents(path).map((group) => processorsV1(group, read));
    return [];
  });
}

/** The group and its parents: inside a container only the topmost may be readable. */
function withParents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts.reduceRight(
    (groups, _, at) => [...groups, parts.slice(0, at).join("/")],
    [parts.join("/")],
  );
}

function limitsV2(group: string, read: (path: string) => string | undefined): Limit {
  const folder = join("/sys/fs/cgroup", group);
  const [quota, period] = (read(join(folder, "cpu.max")) ?? "max").trim().split(/\s+/);
  return {
    memory: positive(read(join(folder, "memory.max"))),
    vcpus: positive(quota) / (Number(period) || 1),
  };
}

function memoryV1(group: string, read: (path: string) => string | undefined): Limit {
  const file = join("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
  return { memory: positive(read(file)), vcpus: Infinity };
}

function processorsV1(group: string, read: (path: string) => string | undefined): Limit {
  const folder = join("/sys/fs/cgroup/cpu", group);
  const quota = positive(read(join(folder, "cpu.cfs_quota_us")));
  const period = Number(read(join(folder, "cpu.cfs_period_us"))) || 100_000;
  return { memory: Infinity, vcpus: quota / period };
}

/** A limit; Infinity for "max", -1 and a missing file. */
function positive(text: string | undefined): number {
  const value = Number(text?.trim());
  return text !== undefined && text.trim() !== "" && value > 0 ? value : Infinity;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
