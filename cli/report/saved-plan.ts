import * as fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { replaceFile } from "../../components/files/files";
import { fingerprint } from "../../components/text/fingerprint";
import { UserError, type EngineName, type Plan, type PlannedResource } from "../../engine/engine";
import { count, shortName, shortType } from "../../engine/names";
import { printable, printableJson, quoted, shortened } from "../../components/text/printable";

/*
 * A plan in a file, for `up --plan`: what was read and agreed to is what is done, or nothing is. It holds no secret in
 * plain text: in the rows each is `[secret]`, and in the CLI's own part they are encrypted as they are in the state.
 */

/** What a row must have in common with the plan that was agreed to. */
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

/** Stands for a value that was not known yet: any value is as planned. */
const UNKNOWN = "[unknown]";

/** More departures than this are counted only. */
const MOST_NAMED = 10;

/**
 * Names what a plan does: two plans with the same fingerprint do the same to the same resources. Secrets have no part
 * in it, so it gives none away. 64 hexadecimal digits.
 */
export function fingerprintOf(stack: string, resources: readonly PlannedResource[]): string {
  return fingerprint({ stack, rows: rowsOf(resources) });
}

/** Writes what `up --plan` takes, for its owner alone. */
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

/** @throws {UserError} when it is no plan, is not whole, or is another stack's or the other engine's */
export function readPlanFile(file: string, stack: string, engine: EngineName): SavedPlan {
  const found = FILE.safeParse(parsed(file));
  if (!found.success) {
    const reasons = found.error.issues.map(({ path, message }) =>
      printable(`${path.join(".")}: ${message}`),
    );
    throw refused(file, `is not what \`preview --save-plan\` writes (${reasons.join("; ")})`);
  }
  const saved = found.data;
  if (saved.stack !== stack) {
    throw refused(file, `is a plan of stack ${shortened(saved.stack)}, and --stack is ${stack}`);
  }
  if (saved.engine !== engine) {
    throw refused(file, `was made by the engine ${saved.engine}, and this is ${engine}`);
  }
  if (fingerprint({ stack, rows: saved.resources }) !== saved.fingerprint) {
    throw refused(file, "does not have the contents that its fingerprint names: it was changed");
  }
  return saved;
}

/**
 * Compares what was agreed to with what would be done now.
 * @throws {UserError} naming what differs; nothing was changed yet
 */
export function refuseDepartures(file: string, saved: SavedPlan, now: Plan): void {
  const found = departures(saved.resources, rowsOf(now.resources));
  if (found.length === 0) return;
  const more = found.length - MOST_NAMED;
  const lines = [
    ...found.slice(0, MOST_NAMED),
    ...(more > 0 ? [`and ${count(more, "more difference")}`] : []),
  ];
  throw new UserError(
    `${shortened(file)} is not what would be done now:\n${lines.map((line) => `  ${line}`).join("\n")}\n` +
      "Nothing was changed. Somebody changed the stack, its settings or its servers since: make and read a new plan.",
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

/** The paths where a value is not the planned one. */
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

/** In one order, whichever the engine had. */
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
