import stored from "../../../../../../components/homes/aws/database/plan/instance-classes.json";
import {
  instanceClasses,
  primaryClass,
  replicaClass,
  reservedMemory,
} from "../../../../../../components/homes/aws/database/plan/instance-classes";
import { type Changes, GiB, stackOf } from "../../plan/aws-stack";

const databaseOf = (changes: Changes) => stackOf(changes).sark;
const chosen = (memory: string, vcpus: number) =>
  primaryClass(databaseOf({ sark: { size: { memory, vcpus } } }))?.name;

describe("table of instance classes", () => {
  it("is sorted by size without duplicates, and names its source", () => {
    const order = instanceClasses.map(({ memory, vcpus }) => memory * 1000 + vcpus);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(instanceClasses.map(({ name }) => name)).size).toBe(instanceClasses.length);
    expect(stored.source).toContain("describe-instance-types");
    expect(stored.offered).toContain("cfn-lint 1.58.0");
  });

  it.each(["t3", "t4g", "m6g", "m6i", "m7g", "m7i", "m8g", "r6g", "r6i", "r7g", "r7i", "r8g"])(
    "has the family %s with all its sizes",
    (family) => {
      const names = instanceClasses.map(({ name }) => name);
      expect(names).toContain(`db.${family}.large`);
      expect(names).toContain(`db.${family}.2xlarge`);
      expect(names.includes(`db.${family}.12xlarge`)).toBe(!family.startsWith("t"));
    },
  );

  it("has 4 GiB (m) or 8 GiB (r) of memory for each vCPU, and at most 4 GiB for burstable classes", () => {
    for (const { name, memory, vcpus } of instanceClasses) {
      const ratio = memory / GiB / vcpus;
      if (name.startsWith("db.r")) expect([name, ratio]).toEqual([name, 8]);
      else if (name.startsWith("db.m")) expect([name, ratio]).toEqual([name, 4]);
      else expect(ratio).toBeLessThanOrEqual(4);
    }
  });

  it("has sustained limits up to the burst limits, and throughput in MiB", () => {
    for (const { iops, throughput } of instanceClasses) {
      expect(iops.sustained).toBeGreaterThan(0);
      expect(iops.burst).toBeGreaterThanOrEqual(iops.sustained);
      expect(throughput.burst).toBeGreaterThanOrEqual(throughput.sustained);
    }
    // 312.5 and 1,250 million bytes
    expect(instanceClasses.find(({ name }) => name === "db.m8g.2xlarge")).toMatchObject({
      iops: { sustained: 12_000, burst: 40_000 },
      throughput: { sustained: 298, burst: 1192 },
    });
  });
});

describe("instance class of a size", () => {
  it.each([
    ["8GiB", 2, "db.m8g.large"],
    ["2GiB", 1, "db.m8g.large"],
    ["32GiB", 8, "db.m8g.2xlarge"],
    // memory optimised
    ["32GiB", 4, "db.r8g.xlarge"],
    ["20GiB", 8, "db.m8g.2xlarge"],
    ["33GiB", 8, "db.r8g.2xlarge"],
    ["1TiB", 64, "db.r8g.48xlarge"],
  ])("for %s and %d vCPUs is %s", (memory, vcpus, name) => {
    expect(chosen(memory, vcpus)).toBe(name);
  });

  it("is undefined when no class is large enough", () => {
    expect(chosen("2TiB", 8)).toBeUndefined();
    expect(chosen("8GiB", 200)).toBeUndefined();
  });

  it("is the one in the settings; replicas have the primary's or their own", () => {
    const named = databaseOf({ sark: { rds: { instanceClass: "db.t4g.medium" } } });
    expect(primaryClass(named)?.name).toBe("db.t4g.medium");
    expect(replicaClass(named)?.name).toBe("db.t4g.medium");
    const own = databaseOf({ sark: { rds: { replica: { instanceClass: "db.r8g.2xlarge" } } } });
    expect(primaryClass(own)?.name).toBe("db.m8g.2xlarge");
    expect(replicaClass(own)?.name).toBe("db.r8g.2xlarge");
  });
});

describe("memory reserved by RDS", () => {
  // AWS's default of max_connections is the remaining memory divided by AWS's constant.
  it("matches the observed 79 to 81 connections on 1 GiB within three", () => {
    const connections = Math.floor((GiB - reservedMemory(GiB)) / 9_531_392);
    expect(connections).toBeLessThanOrEqual(79);
    expect(connections).toBeGreaterThanOrEqual(76);
  });

  it("matches the user guide's 1300 connections on 16 GiB, with MySQL's divisor", () => {
    const left = 16 * GiB - reservedMemory(16 * GiB);
    expect(Math.round(left / 12_582_880 / 10)).toBe(130);
  });
});
