import { tune, type TuningInput } from "../../../components/parameters/formulas/tune";
import { GB } from "../../../components/parameters/formulas/bytes";
import { tunedParameters } from "../../../components/parameters/formulas/tuned-parameters";
import {
  effective,
  reasonList,
  TIME_SERIES_MACHINE,
} from "../../../scripts/generated/tuning/tool-comparison";
import {
  GUIDE_MACHINE,
  guideDifferences,
  reasonsFor,
} from "../../../scripts/generated/tuning/guide";
import { pgtune, timescaledbTune } from "../../../scripts/generated/tuning/peers";
import { formulas } from "../../../scripts/generated/tuning/tuning-page";

describe("the reimplemented tuning tools", () => {
  // Both were compared with the tools' own code: pgtune on 630 machines, timescaledb-tune on 756.
  it.each([
    ["shared_buffers", "2GB"],
    ["maintenance_work_mem", "512MB"],
    ["work_mem", "10082kB"],
    ["max_wal_size", "8GB"],
    ["max_parallel_workers_per_gather", "4"],
  ])("pgtune gives %s = %s for 8 GB, 8 processors, 200 connections", (name, setting) => {
    expect(effective(pgtune(GUIDE_MACHINE), name)).toBe(setting);
  });

  it.each([
    ["work_mem", "8MB"],
    ["maintenance_work_mem", "1GB"],
    ["max_worker_processes", "27"],
    ["max_locks_per_transaction", "256"],
    ["max_wal_size", "1GB"],
  ])("timescaledb-tune gives %s = %s for 8 GB, 8 processors, 100 connections", (name, setting) => {
    expect(effective(timescaledbTune(TIME_SERIES_MACHINE), name)).toBe(setting);
  });

  it("timescaledb-tune gives WAL 60 % of its volume, in whole segments", () => {
    const set = timescaledbTune({ ...TIME_SERIES_MACHINE, walStorageSize: 5 * GB });
    expect(effective(set, "max_wal_size")).toBe("3GB");
  });
});

describe("the formulas of docs/tuning.md", () => {
  const machines: readonly Partial<TuningInput>[] = [
    { memory: GB, vcpus: 1, maxConnections: 50 },
    { storage: "hdd", storageSize: 20 * GB },
    { memory: 64 * GB, vcpus: 32, storage: "san" },
    { memory: 256 * GB, vcpus: 128, maxConnections: 1000 },
  ];

  it.each([GUIDE_MACHINE, TIME_SERIES_MACHINE])(
    "explain every parameter that depends on the machine, for $workload",
    (machine) => {
      const settings = [{}, ...machines].map((change) => tune({ ...machine, ...change }));
      const names = settings.flatMap((set) => set.map(({ name }) => name));
      const varying = [...new Set(names)].filter(
        (name) => new Set(settings.map((set) => effective(set, name))).size > 1,
      );
      const explained = formulas
        .filter(({ workload = machine.workload }) => workload === machine.workload)
        .flatMap(({ parameters }) => parameters);
      expect(varying.length).toBeGreaterThan(15);
      expect(varying.filter((name) => !explained.includes(name))).toEqual([]);
      expect(explained.filter((name, at) => explained.indexOf(name) !== at)).toEqual([]);
    },
  );
});

describe("a reason for a difference in a parameter's entry", () => {
  it.each([
    ["whyNotGuide", () => guideDifferences()],
    ["whyNotTools", () => reasonList()],
  ] as const)("%s exists only for a differing value", (why, table) => {
    const page = table();
    const reasons = tunedParameters.flatMap((entry) => entry[why] ?? []);
    expect(reasons.length).toBeGreaterThan(1);
    expect(reasons.filter((reason) => !page.includes(reason))).toEqual([]);
  });

  it("is required for a differing value", () => {
    expect(() => reasonsFor("whyNotTools", ["work_mem", "shared_buffers"])).toThrow(
      "whyNotTools is missing for shared_buffers",
    );
  });
});

it("each tuned parameter has one entry", () => {
  const names = tunedParameters.flatMap(({ set }) => Object.keys(set));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
