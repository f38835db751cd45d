import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parameterFacts, parseSetting, renderValue } from "../../../components/lib/parameters";
import { tune } from "../../../components/lib/tuning";
import { memorySum } from "../../support/memory-sum";
import { pgtune, timescaledbTune } from "../../support/tuning-peers";
import type { ParameterSet, TuningInput } from "../../../components/lib/tuning";

const MB = 2 ** 20;
const GB = 2 ** 30;
const page = join(__dirname, "..", "..", "..", "docs", "tuning.md");

const oltp: TuningInput = {
  memory: 8 * GB,
  vcpus: 8,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 200,
  majorVersion: 18,
};
const timeSeries: TuningInput = { ...oltp, workload: "time-series", maxConnections: 100 };

/** What a server with this set has: a default where the set says nothing. */
function effective(set: ParameterSet, name: string): string {
  const found = set.find((one) => one.name === name);
  if (found !== undefined) return found.setting;
  return renderValue(18, name, parseSetting(18, name, parameterFacts(18, name).boot ?? ""));
}

describe("the re-implemented tools", () => {
  // Both were compared with the tools' own code: pgtune on 630 machines, timescaledb-tune on 756.
  it.each([
    ["shared_buffers", "2GB"],
    ["maintenance_work_mem", "512MB"],
    ["work_mem", "10082kB"],
    ["max_wal_size", "8GB"],
    ["max_parallel_workers_per_gather", "4"],
  ])("pgtune gives %s = %s for 8 GB, 8 processors, 200 connections", (name, setting) => {
    expect(effective(pgtune(oltp), name)).toBe(setting);
  });

  it.each([
    ["work_mem", "8MB"],
    ["maintenance_work_mem", "1GB"],
    ["max_worker_processes", "27"],
    ["max_locks_per_transaction", "256"],
    ["max_wal_size", "1GB"],
  ])("timescaledb-tune gives %s = %s for 8 GB, 8 processors, 100 connections", (name, setting) => {
    expect(effective(timescaledbTune(timeSeries), name)).toBe(setting);
  });

  it("timescaledb-tune gives WAL 60 % of its volume, in whole segments", () => {
    const set = timescaledbTune({ ...timeSeries, walStorageSize: 5 * GB });
    expect(effective(set, "max_wal_size")).toBe("3GB");
  });
});

describe("docs/tuning.md", () => {
  const text = readFileSync(page, "utf8");
  const [, begin = "", table = "", end = ""] =
    /^([^]*<!-- comparison -->\n)([^]*)(<!-- \/comparison -->[^]*)$/.exec(text) ?? [];

  it("has the comparison that the code gives (UPDATE_DOCS=1 writes it)", () => {
    const wanted = `\n${comparison("pgtune", oltp, pgtune, 300)}\n${comparison("timescaledb-tune", timeSeries, timescaledbTune, 100)}\n`;
    if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, begin + wanted + end);
    else expect(words(table)).toEqual(words(wanted));
  });

  it("gives the reason of every difference", () => {
    const differing = [...table.matchAll(/^\| `([a-z_.]+)`/gm)].map(([, name]) => name);
    expect(differing.length).toBeGreaterThan(5);
    const reasons = [...end.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([a-z_.]+)`/g)].map(([, name]) => name),
    );
    expect(differing.filter((name) => !reasons.includes(name))).toEqual([]);
  });

  it("shows the sum of the guide's machine as the code reckons it", () => {
    const items = memorySum(oltp).map(({ bytes }) => bytes);
    const sum = items.reduce((all, bytes) => all + bytes, 0);
    const megabytes = (bytes: number): string =>
      `${Math.round(bytes / MB).toLocaleString("en-US")} MB`;
    const shown = [...text.matchAll(/\| +([\d,]+ MB) \|$/gm)].map(([, figure]) => figure);
    expect(shown).toEqual([...items, sum].map(megabytes));
  });
});

/** One table: a row for each parameter that differs on some machine, and a line with those that never do. */
function comparison(
  tool: string,
  base: TuningInput,
  peer: (input: TuningInput) => ParameterSet,
  large: number,
): string {
  const machines: readonly (readonly [title: string, input: TuningInput])[] = (
    [
      [1, 1, 50],
      [8, 4, base.maxConnections],
      [8, 8, base.maxConnections],
      [64, 16, large],
    ] as const
  ).map(([gigabytes, vcpus, maxConnections]) => [
    `${gigabytes} GB, ${vcpus} vCPU, ${maxConnections} conn.`,
    { ...base, memory: gigabytes * GB, vcpus, maxConnections },
  ]);
  const names = new Set(machines.flatMap(([, input]) => peer(input).map(({ name }) => name)));
  const rows = [...names].sort().map((name) => {
    const cells = machines.map(([, input]) => {
      const [ours, theirs] = [effective(tune(input), name), effective(peer(input), name)];
      return ours === theirs ? ours : `${ours} / ${theirs}`;
    });
    return { name, cells };
  });
  const differs = ({ cells }: { cells: readonly string[] }): boolean =>
    cells.some((cell) => cell.includes(" / "));
  const same = rows.filter((row) => !differs(row)).map(({ name }) => `\`${name}\``);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [
    line([`Ours / ${tool}`, ...machines.map(([title]) => title)]),
    line(["-", ...machines.map(() => "-")].map((dash) => dash.repeat(3))),
    ...rows.filter(differs).map(({ name, cells }) => line([`\`${name}\``, ...cells])),
    `\nThe same on all four: ${same.join(", ")}.\n`,
  ].join("");
}

/** Without the padding that the formatter gives tables. */
function words(table: string): string[] {
  return table.split(/\s+/).map((word) => word.replace(/^-+$/, "---"));
}
