/** The parameters beside those of pgtune and timescaledb-tune. */
import {
  parameterFacts,
  parseSetting,
  renderValue,
} from "../../../components/parameters/parameters";
import {
  tune,
  type ParameterSet,
  type TuningInput,
} from "../../../components/parameters/formulas/tune";
import { GB } from "../../../components/parameters/formulas/bytes";
import { code, table } from "../markdown-table";
import { GUIDE_MACHINE } from "./guide";
import { pgtune, timescaledbTune } from "./peers";

/** The guide's machine as a TimescaleDB. */
export const TIME_SERIES_MACHINE: TuningInput = {
  ...GUIDE_MACHINE,
  workload: "time-series",
  maxConnections: 100,
};

interface Peer {
  readonly name: string;
  readonly base: TuningInput;
  readonly tune: (input: TuningInput) => ParameterSet;
  /** Connections of the largest machine. */
  readonly most: number;
}

const PGTUNE: Peer = { name: "pgtune", base: GUIDE_MACHINE, tune: pgtune, most: 300 };
const TIMESCALEDB_TUNE: Peer = {
  name: "timescaledb-tune",
  base: TIME_SERIES_MACHINE,
  tune: timescaledbTune,
  most: 100,
};

/** Why values differ, by parameters. */
const REASONS: readonly (readonly [parameters: readonly string[], why: string])[] = [
  [
    ["work_mem"],
    "ours is the largest that the sum above has room for. pgtune divides by three uses a process whatever else there is; timescaledb-tune counts neither its own workers nor autovacuum, so that at 1 GB its figure, used once by each of 50 connections, takes 400 MB beside 256 MB of buffers and 3 vacuums and more of 128 MB each",
  ],
  [
    ["maintenance_work_mem", "autovacuum_work_mem"],
    "several processes use them at once: autovacuum gets a smaller figure of its own, and TimescaleDB's compression jobs share one. Above 2 GB an index build gains little, and a vacuum before 17 cannot use more than 1 GB",
  ],
  [
    ["autovacuum_max_workers", "autovacuum_naptime"],
    "the guide's. Ten vacuums at once are for very many tables that change; a chunk here is written, compressed once and dropped",
  ],
  [
    ["max_wal_size", "min_wal_size"],
    "the guide's at 8 GB, and by memory and volume elsewhere: pgtune gives 8 GB also to a volume of 10; timescaledb-tune gives PostgreSQL's default unless it is told of a WAL disk, and then 60 % of it, with no room reserved for an absent replica's slot",
  ],
  [["wal_buffers"], "a 32nd of the buffers, the server's own rule, up to the guide's 16 MB"],
  [
    ["max_worker_processes"],
    "never below PostgreSQL's default: logical replication and extensions need places too",
  ],
  [
    ["max_parallel_workers", "max_parallel_workers_per_gather", "max_parallel_maintenance_workers"],
    "both tools leave a single processor at the defaults, which start two helpers for a query that has no second processor to run on",
  ],
  [["effective_io_concurrency"], "the guide's for an SSD"],
  [["huge_pages"], "the server's default, which falls back by itself"],
];

/** What a server with this set has: a default where the set says nothing. */
export function effective(set: ParameterSet, name: string): string {
  const found = set.find((one) => one.name === name);
  if (found !== undefined) return found.setting;
  return renderValue(18, name, parseSetting(18, name, parameterFacts(18, name).boot ?? ""));
}

export const pgtuneTable = (): string => comparison(PGTUNE);
export const timescaledbTuneTable = (): string => comparison(TIMESCALEDB_TUNE);

/** @throws Error when a reason is missing, or one is left over */
export function reasonTable(): string {
  const differing = [PGTUNE, TIMESCALEDB_TUNE].flatMap((peer) =>
    compared(peer)
      .filter(differs)
      .map(({ name }) => name),
  );
  const names = [...new Set(differing)].sort();
  const reasons = REASONS.flatMap(([parameters]) => parameters).sort();
  if (names.join() !== reasons.join()) {
    throw new Error(`${names.join(", ")} differ; there are reasons for ${reasons.join(", ")}`);
  }
  return table(
    ["Differs in", "Why"],
    REASONS.map(([parameters, why]) => [code(parameters), why]),
  );
}

interface Compared {
  readonly name: string;
  /** For each machine; "ours / theirs" where they differ. */
  readonly cells: readonly string[];
}

const differs = ({ cells }: Compared): boolean => cells.some((cell) => cell.includes(" / "));

function machinesOf({ base, most }: Peer): readonly TuningInput[] {
  const sizes = [
    [1, 1, 50],
    [8, 4, base.maxConnections],
    [8, 8, base.maxConnections],
    [64, 16, most],
  ] as const;
  return sizes.map(([gigabytes, vcpus, maxConnections]) => ({
    ...base,
    memory: gigabytes * GB,
    vcpus,
    maxConnections,
  }));
}

function compared(peer: Peer): readonly Compared[] {
  const machines = machinesOf(peer);
  const names = new Set(machines.flatMap((input) => peer.tune(input).map(({ name }) => name)));
  return [...names].sort().map((name) => ({
    name,
    cells: machines.map((input) => {
      const [ours, theirs] = [effective(tune(input), name), effective(peer.tune(input), name)];
      return ours === theirs ? ours : `${ours} / ${theirs}`;
    }),
  }));
}

/** A row for each parameter that differs on some machine, and a line with those that never do. */
function comparison(peer: Peer): string {
  const rows = compared(peer);
  const titles = machinesOf(peer).map(
    ({ memory, vcpus, maxConnections }) =>
      `${memory / GB} GB, ${vcpus} vCPU, ${maxConnections} conn.`,
  );
  const same = rows.filter((row) => !differs(row)).map(({ name }) => name);
  return [
    table(
      [`Ours / ${peer.name}`, ...titles],
      rows.filter(differs).map(({ name, cells }) => [code([name]), ...cells]),
    ),
    `The same on all four: ${code(same)}.`,
  ].join("\n\n");
}
