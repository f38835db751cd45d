/** Compares two dumps of `components/database-layer/catalog.ts` by object, and each object by line. */
import { shortened } from "../../text/printable";

export interface SchemaDifference {
  /** Kind and name, such as `table public.users`. */
  readonly object: string;
  /** `missing`: only in the files. `foreign`: only in the database. `changed`: in both, but different. */
  readonly kind: "missing" | "foreign" | "changed";
  /** Lines of a changed object that are only in the files. */
  readonly missing: readonly string[];
  /** Lines of a changed object that are only in the database. */
  readonly foreign: readonly string[];
}

const KINDS: readonly SchemaDifference["kind"][] = ["missing", "foreign", "changed"];

/**
 * Compares the expected schema with the actual one. Missing objects come first, then foreign ones, then changed ones,
 * each in the order of the dumps. A changed order of lines is a difference as well: columns and statements are ordered.
 * @param expected the golden dump
 * @param actual dump of the database
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

/** Lines of each object, without their indent of two spaces. Only the headings in a dump are not indented. */
export function objectsOf(dump: string): ReadonlyMap<string, readonly string[]> {
  const objects = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of dump.split("\n")) {
    if (line === "" || line.startsWith(" ")) {
      lines.push(line.slice(2));
      continue;
    }
    // Two objects of the same name are merged, so that none hides the other.
    lines = objects.get(line) ?? [];
    objects.set(line, lines);
  }
  return new Map([...objects].map(([object, all]) => [object, withoutTrailingBlanks(all)]));
}

function withoutTrailingBlanks(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}

/** Lines outside the longest common subsequence. */
function diffLines(
  old: readonly string[],
  now: readonly string[],
): Pick<SchemaDifference, "missing" | "foreign"> {
  // common[i][j]: length of the longest common subsequence of old from i and now from j.
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

/** Limits of a difference report. */
export interface ReportLimits {
  /** Default 20. */
  readonly objects?: number;
  /** Per object; default 8. */
  readonly lines?: number;
  /** Characters per line; default 160. */
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

/** Summary: `- 1 only in the files, + 2 only in the database, ~ 3 changed`; empty without differences. */
export function differenceSum(differences: readonly SchemaDifference[]): string {
  return KINDS.flatMap((kind) => {
    const count = differences.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [`${SIGNS[kind]} ${count} ${WORDS[kind]}`];
  }).join(", ");
}

/** Lines of each difference within the limits, with the number of those left out. */
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
