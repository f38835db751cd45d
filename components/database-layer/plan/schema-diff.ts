/** What differs between two dumps of `components/database-layer/catalog.ts`: by object, and in each object by line. */
import { shortened } from "../../text/printable";

export interface SchemaDifference {
  /** Kind and name, such as `table public.users`. */
  readonly object: string;
  /** `missing`: only in the files. `foreign`: only in the database. `changed`: in both, and not alike. */
  readonly kind: "missing" | "foreign" | "changed";
  /** Lines that the files make and the database has not, of an object that is in both. */
  readonly missing: readonly string[];
  /** Lines that the database has and the files do not make, of an object that is in both. */
  readonly foreign: readonly string[];
}

const KINDS: readonly SchemaDifference["kind"][] = ["missing", "foreign", "changed"];

/**
 * Compares what should be with what is. Missing objects come first, then foreign ones, then changed ones, each in the
 * order of the dumps. Two lines that changed places are a difference too: columns and statements have an order.
 * @param expected the golden dump
 * @param actual the database's
 */
export function diffSchemas(expected: string, actual: string): readonly SchemaDifference[] {
  const [wanted, found] = [objectsOf(expected), objectsOf(actual)];
  const names = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  const differences = names.flatMap((object): SchemaDifference[] => {
    const [old, now] = [wanted.get(object), found.get(object)];
    if (old === undefined) return [{ object, kind: "foreign", missing: [], foreign: [] }];
    if (now === undefined) return [{ object, kind: "missing", missing: [], foreign: [] }];
    const { missing, foreign } = diffLines(old, now);
    if (missing.length + foreign.length === 0) return [];
    return [{ object, kind: "changed", missing, foreign }];
  });
  return KINDS.flatMap((kind) => differences.filter((each) => each.kind === kind));
}

/** Object to its lines, without the two spaces that they are indented by. A dump's heads alone are not indented. */
export function objectsOf(dump: string): ReadonlyMap<string, readonly string[]> {
  const objects = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of dump.split("\n")) {
    if (line === "" || line.startsWith(" ")) {
      lines.push(line.slice(2));
      continue;
    }
    // Of two objects with one name neither hides the other.
    lines = objects.get(line) ?? [];
    objects.set(line, lines);
  }
  return new Map([...objects].map(([object, all]) => [object, withoutTrailingBlanks(all)]));
}

function withoutTrailingBlanks(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}

/** What is not part of the longest common run of lines. */
function diffLines(
  old: readonly string[],
  now: readonly string[],
): Pick<SchemaDifference, "missing" | "foreign"> {
  // common[i][j]: how many lines old from i and now from j share at most.
  const common = [...old, ""].map(() => Array.from({ length: now.length + 1 }, () => 0));
  const shared = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = common[i] ?? [];
    for (let j = now.length - 1; j >= 0; j -= 1) {
      row[j] =
        old[i] === now[j] ? shared(i + 1, j + 1) + 1 : Math.max(shared(i + 1, j), shared(i, j + 1));
    }
  }
  const missing: string[] = [];
  const foreign: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && shared(i + 1, j) >= shared(i, j + 1))) {
      missing.push(old[i] ?? "");
      i += 1;
    } else {
      foreign.push(now[j] ?? "");
      j += 1;
    }
  }
  return { missing, foreign };
}

/** How much of it is told. */
export interface ReportLimits {
  /** Default 20. */
  readonly objects?: number;
  /** Of one object; default 8. */
  readonly lines?: number;
  /** Characters of one line; default 160. */
  readonly width?: number;
}

const SIGNS: Readonly<Record<SchemaDifference["kind"], string>> = {
  missing: "-",
  foreign: "+",
  changed: "~",
};

const WORDS: Readonly<Record<SchemaDifference["kind"], string>> = {
  missing: "only in the files",
  foreign: "only in the database",
  changed: "changed",
};

/** `- 1 only in the files, + 2 only in the database, ~ 3 changed`; empty for no difference. */
export function differenceSum(differences: readonly SchemaDifference[]): string {
  return KINDS.flatMap((kind) => {
    const count = differences.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [`${SIGNS[kind]} ${count} ${WORDS[kind]}`];
  }).join(", ");
}

/** A line for each object, with its lines below it: as much as the limits allow, and how much more there is. */
export function differenceLines(
  differences: readonly SchemaDifference[],
  limits: ReportLimits = {},
): readonly string[] {
  const { objects = 20, lines = 8, width = 160 } = limits;
  const shown = differences.slice(0, objects).flatMap(({ object, kind, missing, foreign }) => {
    const all = [...missing.map((line) => `- ${line}`), ...foreign.map((line) => `+ ${line}`)];
    return [
      `${SIGNS[kind]} ${object}`,
      ...bounded(all, lines, "line").map((line) => `    ${line}`),
    ];
  });
  const left = differences.length - objects;
  const all = left > 0 ? [...shown, more(left, "object")] : shown;
  return all.map((line) => shortened(line, width));
}

function bounded(lines: readonly string[], most: number, what: string): readonly string[] {
  const left = lines.length - most;
  return left > 0 ? [...lines.slice(0, most), more(left, what)] : lines;
}

function more(count: number, what: string): string {
  return `and ${count} more ${what}${count > 1 ? "s" : ""}`;
}
