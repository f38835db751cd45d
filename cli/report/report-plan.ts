import type { Effect } from "../../components/homes/plan/resource-effects";
import type { Plan, PlannedResource } from "../../engine/engine";
import { leftBehind, outcomeOf, type Outcome } from "./left-behind";
import { count, isBookkeeping, shortName, shortType } from "../../engine/names";
import { pendingLines } from "./report-migrations";
import { restartSentences } from "./report-restarts";
import { printPlacement } from "./report-placement";
import { effectOf, holdsData } from "./server-effects";
import type { Colour, Terminal } from "./terminal";
import { printable, shortened } from "../../components/text/printable";

const MARKS: Readonly<Record<Outcome, readonly [Colour, string]>> = {
  create: ["green", "+"],
  update: ["yellow", "~"],
  replace: ["magenta", "±"],
  delete: ["red", "-"],
  same: ["dim", "="],
  leave: ["dim", "="],
};

/** The coloured sign of an outcome. */
export function outcomeSign(outcome: Outcome, terminal: Terminal): string {
  return terminal.paint(...MARKS[outcome]);
}

/** The outcomes that are changes, in the order of a plan. */
const CHANGES: readonly Outcome[] = ["create", "update", "replace", "delete", "leave"];

/** More resources of one type than this share one line. */
const MOST_APART = 4;

/** Maximum characters of a value: two values and a path fit on one line. */
const MOST = 60;

/** The resources that will change. */
export function changesOf(plan: Plan): readonly PlannedResource[] {
  return plan.resources.filter(({ op }) => op !== "same");
}

/**
 * Prints a plan: a line for each resource that changes, its changed inputs, and a summary.
 * @param whole names all resources of a type, on as many lines as needed, and adds a table of what runs where
 */
export function printPlan(plan: Plan, terminal: Terminal, whole: boolean): void {
  const changes = changesOf(plan);
  const shown = changes.filter(isShown);
  const width = Math.max(0, ...shown.map(({ type }) => shortType(type).length));
  const left = leftBehind(plan.resources);
  for (const outcome of CHANGES) {
    const resources = shown.filter((resource) => outcomeOf(resource, left) === outcome);
    const note = outcome === "leave" ? "   (left behind)" : "";
    const mark = outcomeSign(outcome, terminal);
    for (const row of rowsOf(resources, terminal.width - width - 8 - note.length, whole)) {
      const [first = "", ...further] = row.names;
      terminal.line(`  ${mark} ${row.type.padEnd(width)}  ${first}${note}`);
      for (const names of further) terminal.line(`${" ".repeat(width + 6)}${names}`);
      for (const detail of row.details) terminal.line(`      ${detail}`);
    }
  }
  if (shown.length > 0) terminal.line();
  if (whole) printPlacement(plan, terminal);
  for (const text of plan.unchecked)
    terminal.line(terminal.paint("yellow", `Not checked: ${printable(text)}`));
  for (const text of pendingLines(plan)) terminal.line(text);
  terminal.line(summaryLine(plan));
}

/** `Plan: 3 to create, 1 to update, 40 unchanged.` */
export function summaryLine(plan: Plan): string {
  const counted = plan.resources.filter((resource) =>
    resource.op === "same" ? !isBookkeeping(resource.type) : isShown(resource),
  );
  const left = leftBehind(plan.resources);
  const number = (outcome: Outcome) =>
    counted.filter((resource) => outcomeOf(resource, left) === outcome).length;
  const parts = CHANGES.filter((outcome) => number(outcome) > 0).map(
    (outcome) => `${number(outcome)} to ${outcome === "leave" ? "leave behind" : outcome}`,
  );
  const same = number("same");
  if (parts.length === 0 && changesOf(plan).length === 0) {
    return `No changes: ${count(same, "resource")} up to date.`;
  }
  const sum = [...parts, ...(same > 0 ? [`${same} unchanged`] : [])].join(", ");
  return [`Plan: ${sum || "bookkeeping only"}.`, ...restartSentences(plan.resources)].join(" ");
}

interface Row {
  readonly type: string;
  /** One string for each line. */
  readonly names: readonly string[];
  readonly details: readonly string[];
}

/** Components are created and deleted with their content, so only their changes are shown. */
function isShown({ type, op }: PlannedResource): boolean {
  return !isBookkeeping(type) || op === "update" || op === "replace";
}

function rowsOf(
  resources: readonly PlannedResource[],
  width: number,
  everyName: boolean,
): readonly Row[] {
  const types = [...new Set(resources.map(({ type }) => type))];
  return types.flatMap((type): Row[] => {
    const all = resources.filter((resource) => resource.type === type);
    const plain = all.every((resource) => detailsOf(resource).length === 0);
    if (plain && all.length > MOST_APART) {
      const every = all.map(({ urn }) => shortName(urn));
      const names = everyName ? wrap(every, width) : [fit(every, width)];
      return [{ type: shortType(type), names, details: [] }];
    }
    return all.map((resource) => ({
      type: shortType(type),
      names: [shortName(resource.urn)],
      details: detailsOf(resource),
    }));
  });
}

/** All names, in lines of at most `width` characters, unless one name is longer. */
function wrap(names: readonly string[], width: number): readonly string[] {
  return names.reduce<readonly string[]>((lines, name, index) => {
    const text = index < names.length - 1 ? `${name},` : name;
    const last = lines.at(-1);
    const joined = last === undefined ? text : `${last} ${text}`;
    return last !== undefined && joined.length <= width
      ? [...lines.slice(0, -1), joined]
      : [...lines, text];
  }, []);
}

/** As many names as fit, and the number of the others. */
function fit(names: readonly string[], width: number): string {
  const all = names.join(", ");
  if (all.length <= width) return all;
  for (let kept = names.length - 1; kept > 1; kept -= 1) {
    const text = `${names.slice(0, kept).join(", ")} and ${names.length - kept} more`;
    if (text.length <= width) return text;
  }
  return `${names[0] ?? ""} and ${names.length - 1} more`;
}

function detailsOf(resource: PlannedResource): readonly string[] {
  const { op, type, changes } = resource;
  if (op !== "update" && op !== "replace") return [];
  // `starts` is not a setting: it counts how often the server had to be started again.
  if (changes.length > 0 && changes.every(({ path }) => path === "starts")) {
    return [
      op === "update"
        ? "is down: will be started"
        : "data is missing: will be created again, empty",
    ];
  }
  const paths = changes
    .filter(({ path }) => path !== "starts")
    .map(
      ({ path, from, to }) =>
        `${printable(path)}: ${shortened(from, MOST)} -> ${shortened(to, MOST)}${noteOn(type, path)}`,
    );
  // A replaced role or grant is the same afterwards; a replaced server has lost its data.
  return op === "replace" && holdsData(resource) ? [...paths, "replaced: its data is lost"] : paths;
}

const NOTES: Readonly<Record<Effect, string>> = {
  restart: "   (restart)",
  waits: "   (at the next restart)",
  replace: "   (a new server, without the data)",
};

function noteOn(type: string, path: string): string {
  const effect = effectOf(type, path);
  return effect === undefined ? "" : NOTES[effect];
}
