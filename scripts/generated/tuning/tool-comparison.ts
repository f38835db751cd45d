/** Compares the parameters with those of pgtune and timescaledb-tune. */
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
import { code, list, table } from "../markdown-table";
import { GUIDE_MACHINE, reasonsFor } from "./guide";
import { pgtune, timescaledbTune } from "./peers";

/** The guide's machine for a time-series workload. */
export const TIME_SERIES_MACHINE: TuningInput = {
  ...GUIDE_MACHINE,
  workload: "time-series",
  maxConnections: 100,
};

interface Peer {
  readonly name: string;
  readonly base: TuningInput;
  readonly tune: (input: TuningInput) => ParameterSet;
  /** Maximum connections of the largest machine. */
  readonly most: number;
}

const PGTUNE: Peer = { name: "pgtune", base: GUIDE_MACHINE, tune: pgtune, most: 300 };
const TIMESCALEDB_TUNE: Peer = {
  name: "timescaledb-tune",
  base: TIME_SERIES_MACHINE,
  tune: timescaledbTune,
  most: 100,
};

/** A parameter's effective value: from the set, else the server's default. */
export function effective(set: ParameterSet, name: string): string {
  const found = set.find((one) => one.name === name);
  if (found !== undefined) return found.setting;
  return renderValue(18, name, parseSetting(18, name, parameterFacts(18, name).boot ?? ""));
}

export const pgtuneTable = (): string => comparison(PGTUNE);
export const timescaledbTuneTable = (): string => comparison(TIMESCALEDB_TUNE);

/** Each reason, with the parameters to which it applies. */
export function reasonList(): string {
  const differing = [PGTUNE, TIMESCALEDB_TUNE].flatMap((peer) =>
    compared(peer)
      .filter(differs)
      .map(({ name }) => name),
  );
  const reasons = [...reasonsFor("whyNotTools", differing)];
  return list(
    [...new Set(reasons.map(([, why]) => why))].map((why) => [
      code(reasons.flatMap(([name, each]) => (each === why ? [name] : []))),
      why,
    ]),
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

/** A row for each parameter that differs on some machine, and a line with the parameters that never differ. */
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
    `Equal on all four machines: ${code(same)}.`,
  ].join("\n\n");
}
