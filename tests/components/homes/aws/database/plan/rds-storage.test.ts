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
  it("is asked for without figures, since RDS refuses any", () => {
    expect(volume(...sized("399GiB"))).toEqual({
      allocated: 399,
      maximum: 798,
      iops: undefined,
      throughput: undefined,
    });
  });
});

describe("a gp3 volume from 400 GiB on", () => {
  it("has the least that RDS makes, where the tier needs no more", () => {
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
    // The class keeps up 12,000.
    ["very-high", "db.m8g.2xlarge", 12_000, 500],
  ])("of tier %s on %s has %d operations and %d MiB a second", (tier, instanceClass, iops, mib) => {
    const topics = topicsOf({
      application: { tier },
      sark: { size: { memory: undefined, vcpus: undefined }, rds: { instanceClass } },
    });
    expect(volume(...topics)).toMatchObject({ iops, throughput: mib });
  });

  it("has what the settings say, and the bandwidth that these operations need", () => {
    const storage = { iops: 32_000 };
    expect(
      volume(...sized("1TiB", { rds: { storage, instanceClass: "db.r8g.16xlarge" } })),
    ).toMatchObject({
      iops: 32_000,
      throughput: 1000,
    });
  });
});

describe("the bound of autoscaling", () => {
  it("is twice the size, at most RDS's largest, or what is given", () => {
    expect(volume(...sized("1TiB")).maximum).toBe(2048);
    expect(volume(...sized("40TiB")).maximum).toBe(65_536);
    expect(volume(...sized("1TiB", { rds: { storage: { maximum: "3TiB" } } })).maximum).toBe(3072);
  });

  it("is none where the largest is not a tenth above the size", () => {
    expect(volume(...sized("62TiB")).maximum).toBeUndefined();
    expect(storageProblems(...sized("62TiB"))).toEqual([]);
  });
});

it("knows the figures of the user guide", () => {
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
    "a volume too small",
    { size: { storage: { size: "19GiB" } } },
    ["size.storage.size: got 19GiB", "20GiB to 64TiB"],
  ],
  [
    "a volume too large",
    { size: { storage: { size: "65TiB" } } },
    ["got 66560GiB", "20GiB to 64TiB"],
  ],
  [
    "operations of a small volume",
    { size: { storage: { size: "399GiB" } }, rds: { storage: { iops: 12_000 } } },
    ["rds.storage.iops: got 12000", "nothing below 400GiB", "has 3000"],
  ],
  [
    "bandwidth of a small volume",
    { size: { storage: { size: "100GiB" } }, rds: { storage: { throughput: 500 } } },
    ["rds.storage.throughput: got 500", "nothing below 400GiB", "has 125"],
  ],
  ["too few operations", { rds: { storage: { iops: 11_999 } } }, ["got 11999", "12000 to 64000"]],
  ["too little bandwidth", { rds: { storage: { throughput: 499 } } }, ["got 499", "500 to 4000"]],
  [
    "more operations than the class reaches",
    { rds: { storage: { iops: 40_001 } } },
    ["got 40001", "at most 40000 with db.m8g.2xlarge", "paid and never used"],
  ],
  [
    "more bandwidth than the class reaches",
    { rds: { storage: { throughput: 1193 } } },
    ["got 1193", "at most 1192 with db.m8g.2xlarge"],
  ],
  [
    "more bandwidth than a quarter of the operations",
    { rds: { storage: { iops: 12_000, throughput: 3001 }, ...large } },
    ["got 3001", "at most 3000", "a quarter of a MiB"],
  ],
  [
    "a bound too near to the size",
    { rds: { storage: { maximum: "549GiB" } } },
    ["rds.storage.maximum: got 549GiB", "550GiB to 64TiB", "this one has 500GiB"],
  ],
  [
    "a bound too large",
    { rds: { storage: { maximum: "65TiB" } } },
    ["got 66560GiB", "550GiB to 64TiB"],
  ],
])("refuses %s", (_, sark, parts) => {
  const [problem, ...others] = problemsOf({ sark });
  expect(others).toEqual([]);
  for (const part of parts) expect(problem).toContain(part);
});

it.each<readonly [string, Changes]>([
  ["the least of everything", { size: { storage: { size: "20GiB" } } }],
  ["what the class just reaches", { rds: { storage: { iops: 40_000, throughput: 1192 } } }],
  ["a bound a tenth above", { rds: { storage: { maximum: "550GiB" } } }],
  ["the most of everything", { rds: { storage: { iops: 64_000, throughput: 4000 }, ...large } }],
])("takes %s", (_, sark) => {
  expect(storageProblems(...topicsOf({ sark }))).toEqual([]);
});
