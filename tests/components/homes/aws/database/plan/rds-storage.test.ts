import {
  GP3,
  storageProblems,
  volume,
} from "../../../../../../components/homes/aws/database/plan/rds-storage";
import { type Changes, problemsOf, stackOf } from "../../plan/aws-stack";

const topicsOf = (changes: Changes) => {
  const { sark, application } = stackOf(changes);
  return [sark, application.tier] as const;
};

const sized = (size: string, changes: Changes = {}) =>
  topicsOf({ sark: { size: { storage: { size } }, ...changes } });

describe("a gp3 volume below 400 GiB", () => {
  it("has no IOPS and throughput inputs, as RDS refuses them", () => {
    expect(volume(...sized("399GiB"))).toEqual({
      allocated: 399,
      maximum: 798,
      iops: undefined,
      throughput: undefined,
    });
  });
});

describe("a gp3 volume from 400 GiB on", () => {
  it("has RDS's minimum when the tier needs no more", () => {
    expect(volume(...sized("400GiB"))).toEqual({
      allocated: 400,
      maximum: 800,
      iops: 12_000,
      throughput: 500,
    });
  });

  it.each([
    ["low", "db.r8g.16xlarge", 12_000, 500],
    ["high", "db.r8g.16xlarge", 12_000, 500],
    // 2,000 transactions x 8 operations, x 32 KiB
    ["very-high", "db.r8g.16xlarge", 16_000, 500],
    // The class sustains 12,000.
    ["very-high", "db.m8g.2xlarge", 12_000, 500],
  ])("for tier %s on %s has %d IOPS and %d MiB a second", (tier, instanceClass, iops, mib) => {
    const topics = topicsOf({
      application: { tier },
      sark: { size: { memory: undefined, vcpus: undefined }, rds: { instanceClass } },
    });
    expect(volume(...topics)).toMatchObject({ iops, throughput: mib });
  });

  it("has the IOPS of the settings, and the throughput that they need", () => {
    const storage = { iops: 32_000 };
    expect(
      volume(...sized("1TiB", { rds: { storage, instanceClass: "db.r8g.16xlarge" } })),
    ).toMatchObject({
      iops: 32_000,
      throughput: 1000,
    });
  });
});

describe("the limit of storage autoscaling", () => {
  it("is twice the size up to RDS's maximum, or the setting", () => {
    expect(volume(...sized("1TiB")).maximum).toBe(2048);
    expect(volume(...sized("40TiB")).maximum).toBe(65_536);
    expect(volume(...sized("1TiB", { rds: { storage: { maximum: "3TiB" } } })).maximum).toBe(3072);
  });

  it("is unset when RDS's maximum is less than a tenth above the size", () => {
    expect(volume(...sized("62TiB")).maximum).toBeUndefined();
    expect(storageProblems(...sized("62TiB"))).toEqual([]);
  });
});

it("GP3 has the limits of the user guide", () => {
  expect(GP3).toMatchObject({
    threshold: 400,
    below: { iops: 3000, throughput: 125 },
    iops: { least: 12_000, most: 64_000 },
    throughput: { least: 500, most: 4000 },
  });
});

const large = { instanceClass: "db.r8g.48xlarge" };
it.each<readonly [string, Changes, readonly string[]]>([
  [
    "a volume that is too small",
    { size: { storage: { size: "19GiB" } } },
    ["size.storage.size: got 19GiB", "20GiB to 64TiB"],
  ],
  [
    "a volume that is too large",
    { size: { storage: { size: "65TiB" } } },
    ["got 66560GiB", "20GiB to 64TiB"],
  ],
  [
    "IOPS for a volume below 400 GiB",
    { size: { storage: { size: "399GiB" } }, rds: { storage: { iops: 12_000 } } },
    ["rds.storage.iops: got 12000", "nothing below 400GiB", "has 3000"],
  ],
  [
    "throughput for a volume below 400 GiB",
    { size: { storage: { size: "100GiB" } }, rds: { storage: { throughput: 500 } } },
    ["rds.storage.throughput: got 500", "nothing below 400GiB", "has 125"],
  ],
  ["too few IOPS", { rds: { storage: { iops: 11_999 } } }, ["got 11999", "12000 to 64000"]],
  ["too little throughput", { rds: { storage: { throughput: 499 } } }, ["got 499", "500 to 4000"]],
  [
    "more IOPS than the class reaches",
    { rds: { storage: { iops: 40_001 } } },
    ["got 40001", "at most 40000 with db.m8g.2xlarge", "paid and never used"],
  ],
  [
    "more throughput than the class reaches",
    { rds: { storage: { throughput: 1193 } } },
    ["got 1193", "at most 1192 with db.m8g.2xlarge"],
  ],
  [
    "more throughput than a quarter MiB for each IOPS",
    { rds: { storage: { iops: 12_000, throughput: 3001 }, ...large } },
    ["got 3001", "at most 3000", "a quarter of a MiB"],
  ],
  [
    "an autoscaling limit too close to the size",
    { rds: { storage: { maximum: "549GiB" } } },
    ["rds.storage.maximum: got 549GiB", "550GiB to 64TiB", "the size, 500GiB"],
  ],
  [
    "an autoscaling limit that is too large",
    { rds: { storage: { maximum: "65TiB" } } },
    ["got 66560GiB", "550GiB to 64TiB"],
  ],
])("RDS storage settings refuse %s", (_, sark, parts) => {
  const [problem, ...others] = problemsOf({ sark });
  expect(others).toEqual([]);
  for (const part of parts) expect(problem).toContain(part);
});

it.each<readonly [string, Changes]>([
  ["the minimum size", { size: { storage: { size: "20GiB" } } }],
  ["exactly the limits of the class", { rds: { storage: { iops: 40_000, throughput: 1192 } } }],
  ["an autoscaling limit a tenth above the size", { rds: { storage: { maximum: "550GiB" } } }],
  ["the maximum of everything", { rds: { storage: { iops: 64_000, throughput: 4000 }, ...large } }],
])("RDS storage settings accept %s", (_, sark) => {
  expect(storageProblems(...topicsOf({ sark }))).toEqual([]);
});
