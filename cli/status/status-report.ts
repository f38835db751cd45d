import { hostAndPort } from "../../components/text/address";
import { shortened } from "../../components/text/printable";
import { limitsText, valueText } from "../../components/objectives/plan/readable-value";
import type { ObjectiveState, State } from "../../components/objectives/plan/objective-state";
import { npmCommand } from "../../engine/read-outputs";
import type { Colour, Terminal } from "../report/terminal";
import { countByState, type MeasuredServer, notGood } from "./measured-objectives";
import type { ServerFacts } from "./probed-facts";
import { routeText } from "./routes";
import type { Problem, ServerStatus, StackStatus } from "./status-problems";
import type { ProbeResult } from "./status-probe";

/** One reading of a stack. */
export interface Reading {
  readonly status: StackStatus;
  readonly measured: readonly MeasuredServer[];
  readonly problems: readonly Problem[];
}

const COLOURS: Readonly<Record<State, Colour>> = {
  good: "green",
  warning: "yellow",
  critical: "red",
  unknown: "dim",
};

/** A text in a table, with its colour. */
type Cell = string | { readonly text: string; readonly colour: Colour };

/**
 * Prints a line for each server and the pool, the objectives that are not good, and the problems.
 * @param all whether every objective and the whole text of limits are printed
 */
export function printStatus(
  { status, measured, problems }: Reading,
  terminal: Terminal,
  all: boolean,
): void {
  const { stack, servers } = status;
  const rows = [
    ...servers.map(serverRow),
    ...poolRow(status),
    ...(countsText(measured) === "" ? [] : [["objectives", countsText(measured)]]),
    ...limitRows(servers, all ? Infinity : terminal.width - 16),
  ];
  printTable(rows, terminal);
  const covered = problems.flatMap(({ covers = [] }) => covers);
  const shown = all ? measured : notGood(measured, covered);
  for (const { name, objectives } of shown) {
    if (objectives.length === 0) continue;
    terminal.line();
    terminal.line(terminal.paint("bold", name));
    printTable(
      objectives.map((objective) => ["", ...objectiveRow(objective, stack)]),
      terminal,
    );
  }
  terminal.line();
  for (const { text } of problems) terminal.line(terminal.paint("red", `Problem: ${text}`));
  if (problems.length === 0) terminal.line(verdict(status, measured, terminal));
}

function printTable(rows: readonly (readonly Cell[])[], terminal: Terminal): void {
  const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length);
    }
  }
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const text = textOf(cell);
      const padding = " ".repeat(
        column === row.length - 1 ? 0 : Math.max(0, (widths[column] ?? 0) - text.length),
      );
      return `${typeof cell === "string" ? text : terminal.paint(cell.colour, text)}${padding}`;
    });
    terminal.line(cells.join("  "));
  }
}

function serverRow({ name, server, address, answer }: ServerStatus): readonly Cell[] {
  const place = hostAndPort(address.host, address.port);
  const title: Cell = { text: name, colour: "bold" };
  if (answer.up === null) return [title, NOT_CHECKED, place, answer.why];
  const route = `${place}${routeText(server.relay)}`;
  if (!answer.up) return [title, downCell(answer), route];
  return [title, UP, route, versionText(answer.facts), roleText(answer.facts)];
}

const UP: Cell = { text: "up", colour: "green" };
const NOT_CHECKED: Cell = { text: "not checked", colour: "yellow" };

function downCell({ hung }: { readonly hung: boolean }): Cell {
  return { text: hung ? "hung" : "no answer", colour: "red" };
}

function versionText({ version, extensions }: ServerFacts): string {
  const timescale = extensions["timescaledb"];
  return `PostgreSQL ${version}${timescale === undefined ? "" : `, TimescaleDB ${timescale}`}`;
}

function roleText({ role, replication }: ServerFacts): string {
  if (replication === undefined) return role;
  if (!replication.streaming) return `${role}, not streaming`;
  return `${role}, ${replication.lagSeconds.toFixed(1)} s behind`;
}

function poolRow({ pool, poolPlace = "" }: StackStatus): readonly (readonly Cell[])[] {
  const title: Cell = { text: "pool", colour: "bold" };
  if (pool === null) return [];
  if (pool === "absent") return [[title, "not running (PgBouncer is not installed)"]];
  if (pool.up === null) return [[title, NOT_CHECKED, poolPlace, pool.why]];
  if (!pool.up) return [[title, downCell(pool), poolPlace]];
  const { scope, version, clients, maxClients } = pool.facts;
  const instance = scope === "instance" ? "one instance, " : "";
  return [
    [
      title,
      UP,
      poolPlace,
      `PgBouncer ${version}`,
      `${instance}${clients} of ${maxClients} clients`,
    ],
  ];
}

/** Numbers of objectives, such as `1 warning, 58 good`. */
export function countsText(measured: readonly MeasuredServer[]): string {
  return countByState(measured)
    .map(([state, number]) => `${number} ${state}`)
    .join(", ");
}

function limitRows(servers: readonly ServerStatus[], most: number): readonly (readonly Cell[])[] {
  return servers
    .filter(({ expected, server }) => expected === "primary" && server.limits.length > 0)
    .map(({ name, server }) => ["limits", shortened(`${name}: ${server.limits.join("; ")}`, most)]);
}

function objectiveRow(measured: ObjectiveState, stack: string): readonly Cell[] {
  const { objective, state } = measured;
  return [
    { text: state, colour: COLOURS[state] },
    objective.name,
    shownValue(measured),
    limitsText(objective),
    objective.query === undefined ? "" : npmCommand(`query ${objective.query}`, stack),
  ];
}

/** The value in its unit, with the labels of its series; of an unknown one the reason. */
export function shownValue({ objective, value, labels, reason }: ObjectiveState): string {
  if (value === undefined) return reason === undefined ? "-" : shortened(reason, 60);
  const series = Object.values(labels).filter((label) => label !== "");
  const suffix = series.length > 0 ? ` (${shortened(series.join(", "), 60)})` : "";
  return `${valueText(value, objective.unit)}${suffix}`;
}

function verdict(
  { servers, pool }: StackStatus,
  measured: readonly MeasuredServer[],
  terminal: Terminal,
): string {
  const states = new Map(countByState(measured));
  const [critical = 0, warnings = 0] = [states.get("critical"), states.get("warning")];
  if (critical > 0) return terminal.paint("red", `Not healthy: ${countsText(measured)}.`);
  if (warnings > 0) return terminal.paint("yellow", `No problems: ${countsText(measured)}.`);
  const asked = [...servers.map(({ answer }) => answer), pool].every(isAsked);
  const read = measured.every(({ objectives }) => objectives.every((each) => !each.reason));
  return terminal.paint("green", asked && read ? "All healthy." : "Everything checked is healthy.");
}

function isAsked(answer: ProbeResult<unknown> | StackStatus["pool"]): boolean {
  return answer === null || answer === "absent" || answer.up !== null;
}
