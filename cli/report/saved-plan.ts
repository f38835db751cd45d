import * as fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { replaceFile } from "../../components/files/files";
import { fingerprint } from "../../components/text/fingerprint";
import { UserError, type EngineName, type Plan, type PlannedResource } from "../../engine/engine";
import { count, shortName, shortType } from "../../engine/names";
import { printable, printableJson, quoted, shortened } from "../../components/text/printable";

/*
 * A plan in a file, for `up --plan`, which applies exactly the reviewed plan or nothing. The file holds no secret in
 * plain text: the rows show `[secret]`, and the CLI's own part has them encrypted, as in the state.
 */

/** The fields of a row that must match the saved plan. */
const ROW = z.object({
  urn: z.string(),
  type: z.string(),
  op: z.enum(["create", "update", "replace", "delete", "same"]),
  inputs: z.record(z.string(), z.unknown()),
  options: z.object({
    protect: z.boolean(),
    retainOnDelete: z.boolean(),
    ignoreChanges: z.array(z.string()).readonly(),
  }),
});

const FILE = z.object({
  format: z.literal(1),
  engine: z.enum(["pulumi", "embedded"]),
  stack: z.string(),
  fingerprint: z.string(),
  resources: z.array(ROW).readonly(),
  constraint: z.unknown().optional(),
});

export type SavedPlan = z.infer<typeof FILE>;
type Row = z.infer<typeof ROW>;

/** Placeholder for a value that was not known yet: it matches any value. */
const UNKNOWN = "[unknown]";

/** Maximum differences that are named; more are only counted. */
const MOST_NAMED = 10;

/**
 * Identifies what a plan does: plans with the same fingerprint make the same changes to the same resources. It reveals
 * no secrets, since it does not include them. 64 hexadecimal digits.
 */
export function fingerprintOf(stack: string, resources: readonly PlannedResource[]): string {
  return fingerprint({ stack, rows: rowsOf(resources) });
}

/** Writes the file for `up --plan`, readable only by its owner. */
export function writePlan(file: string, plan: Plan): void {
  const resources = rowsOf(plan.resources);
  const saved: SavedPlan = {
    format: 1,
    engine: plan.engine,
    stack: plan.stack,
    fingerprint: fingerprint({ stack: plan.stack, rows: resources }),
    resources,
    constraint: plan.constraint,
  };
  replaceFile(file, `${printableJson(saved, 2)}\n`, { mode: 0o600 });
}

/** Reads a saved plan. @throws {UserError} if it is not a plan, was edited, or is of another stack or engine */
export function readPlanFile(file: string, stack: string, engine: EngineName): SavedPlan {
  const found = FILE.safeParse(parsed(file));
  if (!found.success) {
    const reasons = found.error.issues.map(({ path, message }) =>
      printable(`${path.join(".")}: ${message}`),
    );
    throw refused(file, `is not a file of \`preview --save-plan\` (${reasons.join("; ")})`);
  }
  const saved = found.data;
  if (saved.stack !== stack) {
    throw refused(file, `is a plan of stack ${shortened(saved.stack)}, but --stack is ${stack}`);
  }
  if (saved.engine !== engine) {
    throw refused(file, `was made by the engine ${saved.engine}, but this is ${engine}`);
  }
  if (fingerprint({ stack, rows: saved.resources }) !== saved.fingerprint) {
    throw refused(file, "does not match its fingerprint: it was edited");
  }
  return saved;
}

/**
 * Compares the saved plan with the plan of now.
 * @throws {UserError} naming the differences; nothing was changed yet
 */
export function refuseStalePlan(file: string, saved: SavedPlan, now: Plan): void {
  const found = departures(saved.resources, rowsOf(now.resources));
  if (found.length === 0) return;
  const more = found.length - MOST_NAMED;
  const lines = [
    ...found.slice(0, MOST_NAMED),
    ...(more > 0 ? [`and ${count(more, "more difference")}`] : []),
  ];
  throw new UserError(
    `${shortened(file)} is out of date:\n${lines.map((line) => `  ${line}`).join("\n")}\n` +
      "Nothing was changed. The stack, its settings or its servers have changed since. Save and review a new plan.",
  );
}

function departures(saved: readonly Row[], now: readonly Row[]): readonly string[] {
  const urns = [...new Set([...saved, ...now].map(({ urn }) => urn))];
  return urns.flatMap((urn) => {
    const of = (rows: readonly Row[]) => rows.filter((row) => row.urn === urn);
    const [then, today] = [of(saved), of(now)];
    const ops = (rows: readonly Row[]) => rows.map(({ op }) => op).join(" and ") || "nothing";
    const name = [...then, ...today].slice(0, 1).map(({ type }) => shortType(type));
    const subject = `${name.join("")} ${shortName(urn)}`;
    if (ops(then) !== ops(today)) {
      return [`${subject}: the plan says ${ops(then)}, now it is ${ops(today)}`];
    }
    return then.flatMap(({ options, inputs }, index) => {
      const texts = valueDepartures(inputs, today[index]?.inputs, "");
      if (!isDeepStrictEqual(options, today[index]?.options)) texts.unshift("its options differ");
      return texts.map((text) => `${subject}: ${text}`);
    });
  });
}

/** The paths whose value is not the planned one. */
function valueDepartures(then: unknown, now: unknown, path: string): string[] {
  if (then === UNKNOWN || isDeepStrictEqual(then, now)) return [];
  if (isObject(then) && isObject(now)) {
    const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])];
    return keys.flatMap((key) =>
      valueDepartures(then[key], now[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(then) && Array.isArray(now) && then.length === now.length) {
    return then.flatMap((value, index) => valueDepartures(value, now[index], `${path}[${index}]`));
  }
  return [`${printable(path)}: the plan says ${shown(then)}, now it is ${shown(now)}`];
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : quoted(value, 60);
}

/** The rows in a fixed order, independent of the engine's order. */
function rowsOf(resources: readonly PlannedResource[]): readonly Row[] {
  return resources
    .map(({ urn, type, op, inputs, options: { protect, retainOnDelete, ignoreChanges } }) => {
      const options = { protect, retainOnDelete, ignoreChanges: [...ignoreChanges].sort() };
      return { urn, type, op, inputs, options };
    })
    .sort((left, right) => (`${left.urn} ${left.op}` < `${right.urn} ${right.op}` ? -1 : 1));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw refused(
      file,
      `cannot be read: ${shortened(error instanceof Error ? error.message : String(error), 200)}`,
    );
  }
}

function refused(file: string, why: string): UserError {
  return new UserError(`--plan ${shortened(file)} ${why}. Nothing was changed.`);
}
