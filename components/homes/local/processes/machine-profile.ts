/** How large this machine is, and how much of it a local server may take. */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

export interface MachineProfile {
  /** Memory that processes here may use together: the machine's, or a container's limit. */
  readonly memoryBytes: number;
  /** Processors likewise; a container may have part of one. */
  readonly vcpus: number;
}

const MEBIBYTE = 1024 * 1024;
/** Memory is rounded down to this, so that a kernel's reservations do not change a preview. */
const STEP = 64 * MEBIBYTE;
/** What a server with the hundred connections of the smallest tier is computed for; it takes what it uses, not all. */
const LEAST = 1024 * MEBIBYTE;
const MOST = 2048 * MEBIBYTE;
const MOST_VCPUS = 4;

/**
 * The share of a machine that a local server is computed for: an eighth of the memory between
 * 1 GB and 2 GB, and half of the processors, from one to four; the rest is the laptop's owner's.
 */
export function localShare(profile: MachineProfile): { memory: number; vcpus: number } {
  const eighth = Math.floor(profile.memoryBytes / 8 / STEP) * STEP;
  return {
    memory: Math.min(MOST, Math.max(LEAST, eighth)),
    vcpus: Math.min(MOST_VCPUS, Math.max(1, Math.floor(profile.vcpus / 2))),
  };
}

/**
 * Reads the machine's total memory and processors, and the limits of the control groups that this
 * process lives in. Never what is free: that would change from one preview to the next.
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

/** The limits of this process's groups and of those above them, in both versions of the interface. */
export function controlGroups(read: (path: string) => string | undefined): Limit[] {
  return (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const names = controllers.split(",");
    if (controllers === "") return upwards(path).map((group) => unified(group, read));
    if (names.includes("memory")) return upwards(path).map((group) => memoryOnly(group, read));
    if (names.includes("cpu")) return upwards(path).map((group) => processorsOnly(group, read));
    return [];
  });
}

/** The group and all above it: inside a container only the topmost may be there to read. */
function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts.reduceRight(
    (groups, _, at) => [...groups, parts.slice(0, at).join("/")],
    [parts.join("/")],
  );
}

function unified(group: string, read: (path: string) => string | undefined): Limit {
  const folder = join("/sys/fs/cgroup", group);
  const [quota, period] = (read(join(folder, "cpu.max")) ?? "max").trim().split(/\s+/);
  return {
    memory: positive(read(join(folder, "memory.max"))),
    vcpus: positive(quota) / (Number(period) || 1),
  };
}

function memoryOnly(group: string, read: (path: string) => string | undefined): Limit {
  const file = join("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
  return { memory: positive(read(file)), vcpus: Infinity };
}

function processorsOnly(group: string, read: (path: string) => string | undefined): Limit {
  const folder = join("/sys/fs/cgroup/cpu", group);
  const quota = positive(read(join(folder, "cpu.cfs_quota_us")));
  const period = Number(read(join(folder, "cpu.cfs_period_us"))) || 100_000;
  return { memory: Infinity, vcpus: quota / period };
}

/** A limit; "max", -1 and a missing file are none. */
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
