import {
  cpuQuantity,
  memoryQuantity,
} from "../../../../../components/homes/kubernetes/plan/quantity";
import { walVolumeSize } from "../../../../../components/homes/kubernetes/plan/wal-volume";
import { planServers } from "../../../../../components/homes/plan/stack-plan";
import { GiB, stackOf } from "./kubernetes-stack";

const volume = (storage: object, more: { memory?: string; parameters?: object } = {}): number => {
  const { memory = "8GiB", parameters = {} } = more;
  const settings = stackOf({ sark: { size: { memory, vcpus: 4, storage }, parameters } });
  return walVolumeSize(planServers(settings, { memory: GiB, vcpus: 1 }).sark) / GiB;
};

describe("WAL volume", () => {
  it.each([
    ["fits a fifth of the data volume into four fifths of itself", "100GiB", 25],
    ["is rounded up to whole GiB on the smallest storage", "1GiB", 1],
    // max_wal_size stops growing at 16 GB, the stand-bys' share at two thirds of a fifth.
    ["grows more slowly than large storage", "10000GiB", (16 + 10_000 / 7.5) * 1.25],
  ])("%s", (_, size, expected) => {
    expect(volume({ size })).toBe(Math.ceil(expected));
  });

  it("has the configured size when given", () => {
    expect(volume({ size: "100GiB", wal: "60GiB" })).toBe(60);
  });

  it("does not depend on memory", () => {
    expect(volume({ size: "500GiB" }, { memory: "4GiB" })).toBe(
      volume({ size: "500GiB" }, { memory: "64GiB" }),
    );
  });

  it.each([
    [{ max_wal_size: "20GB" }, 2 * 20 * 1.25],
    [{ max_slot_wal_keep_size: "60GB" }, (4 + 60) * 1.25],
    [{ max_wal_size: "8GB", max_slot_wal_keep_size: "1GB", wal_keep_size: "32GB" }, 40 * 1.25],
  ])("fits the WAL allowed by user-set %p", (parameters, expected) => {
    expect(volume({ size: "100GiB" }, { parameters })).toBe(expected);
  });
});

describe("Kubernetes quantities", () => {
  it.each([
    [8 * GiB, "8Gi"],
    [1.5 * GiB, "1536Mi"],
    [512 * 2 ** 20, "512Mi"],
    [1024 * GiB, "1024Gi"],
    [100 * 2 ** 20 + 1, "101Mi"],
  ])("format %p bytes as %s", (bytes, text) => {
    expect(memoryQuantity(bytes)).toBe(text);
  });

  it.each([
    [4, "4"],
    [0.5, "500m"],
    [0.25, "250m"],
    [1.5, "1500m"],
    [0.0001, "1m"],
  ])("format %p CPUs as %s", (cpus, text) => {
    expect(cpuQuantity(cpus)).toBe(text);
  });
});
