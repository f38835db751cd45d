import * as fc from "fast-check";
import {
  differenceLines,
  differenceSum,
  diffSchemas,
  objectsOf,
} from "../../../../components/database-layer/plan/schema-diff";
import { withoutStackFigures } from "../../../../components/hypertables/plan/dump-figures";

const dump = (objects: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(objects)
    .map(([object, lines]) => [object, ...lines.map((line) => (line === "" ? "" : `  ${line}`))])
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");

const users = ["owner sark_owner", "column id uuid not null", "column name text"];
const body = ["CREATE FUNCTION f()", "begin", "", "  return 1;", "end"];

describe("objectsOf", () => {
  it("keeps blank lines inside an object, but not between objects", () => {
    const text = dump({ "function public.f()": body, "table public.users": users });
    expect([...objectsOf(text)]).toEqual([
      ["function public.f()", body],
      ["table public.users", users],
    ]);
  });

  it("merges the lines of two objects with the same name", () => {
    expect([...objectsOf("table a\n  one\n\ntable a\n  two\n").values()].flat()).toEqual(
      expect.arrayContaining(["one", "two"]),
    );
  });
});

describe("diffSchemas", () => {
  const before = dump({ "table public.a": ["x"], "table public.users": users });

  it("finds no difference between equal dumps", () => {
    expect(diffSchemas(before, before)).toEqual([]);
  });

  it("lists missing, foreign and changed objects in this order", () => {
    const now = dump({
      "function public.planted()": ["owner mallory"],
      "table public.users": ["owner sark_owner", "column id bigint not null", "column name text"],
    });
    expect(diffSchemas(before, now)).toEqual([
      { object: "table public.a", kind: "missing", missing: [], foreign: [] },
      { object: "function public.planted()", kind: "foreign", missing: [], foreign: [] },
      {
        object: "table public.users",
        kind: "changed",
        missing: ["column id uuid not null"],
        foreign: ["column id bigint not null"],
      },
    ]);
  });

  it("finds lines in another order", () => {
    const [owner = "", id = "", name = ""] = users;
    const swapped = diffSchemas(dump({ "table t": users }), dump({ "table t": [owner, name, id] }));
    expect(swapped).toHaveLength(1);
    expect(swapped[0]?.missing).toEqual(swapped[0]?.foreign);
  });

  it("finds one line among many similar ones", () => {
    const many = Array.from({ length: 300 }, (_each, index) => `line ${String(index % 7)}`);
    const without = [...many.slice(0, 150), ...many.slice(151)];
    expect(diffSchemas(dump({ "table t": many }), dump({ "table t": without }))).toMatchObject([
      { missing: [expect.any(String)], foreign: [] },
    ]);
  });

  it("lists exactly the lines that turn one dump into the other", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, (old, now) => {
        const [difference] = diffSchemas(dump({ "table t": old }), dump({ "table t": now }));
        const { missing = [], foreign = [] } = difference ?? {};
        const counted = (all: readonly string[]) => [...all].sort();
        expect(difference === undefined).toBe(old.join() === now.join());
        expect(counted([...old, ...foreign])).toEqual(counted([...now, ...missing]));
        // Lines that are common in the same order are not listed.
        expect(missing.length).toBeLessThanOrEqual(old.length);
      }),
    );
  });
});

describe("schema difference report", () => {
  const differences = diffSchemas(
    dump({ "table a": ["x"], "table c": ["one", "two"] }),
    dump({ "table b": ["x"], "table c": ["one", "three"] }),
  );

  it("has a summary, and a line for each object and each of its lines", () => {
    expect(differenceSum(differences)).toBe(
      "- 1 only in the files, + 1 only in the database, ~ 1 changed",
    );
    expect(differenceLines(differences)).toEqual([
      "- table a",
      "+ table b",
      "~ table c",
      "    - two",
      "    + three",
    ]);
  });

  it("is limited, and says how much is left out", () => {
    expect(differenceLines(differences, { objects: 2 })).toEqual([
      "- table a",
      "+ table b",
      "and 1 more object",
    ]);
    expect(differenceLines(differences.slice(2), { lines: 1 })).toEqual([
      "~ table c",
      "    - two",
      "    and 1 more line",
    ]);
    const long = diffSchemas("", dump({ [`table ${"x".repeat(500)}`]: [] }));
    expect(differenceLines(long, { width: 40 })).toEqual([`+ table ${"x".repeat(31)}…`]);
  });

  it("is empty without differences", () => {
    expect([differenceSum([]), differenceLines([])]).toEqual(["", []]);
  });
});

describe("withoutFigures", () => {
  const hypertable = (chunk: string, age: string, rest = "") =>
    dump({
      "continuous aggregate public.by_hour": ["chunks by hour every 30 days"],
      "hypertable public.events": [
        `chunks by "time" every ${chunk}`,
        `job policy_compression every 12:00:00 config {"compress_after": "7 days"}${rest}`,
        `job policy_retention every 1 day config {"drop_after": "${age}"}`,
      ],
    });

  it("equates hypertables that differ only in the stack's settings", () => {
    const [one, other] = [hypertable("1 day", "90 days"), hypertable("06:00:00", "400 days")];
    expect(withoutStackFigures(one)).toBe(withoutStackFigures(other));
    expect(one).not.toBe(other);
  });

  it("keeps every other difference", () => {
    const [one, other] = [hypertable("1 day", "90 days"), hypertable("1 day", "90 days", " off")];
    expect(withoutStackFigures(one)).not.toBe(withoutStackFigures(other));
    const changed = one.replace("every 30 days", "every 40 days");
    expect(withoutStackFigures(one)).not.toBe(withoutStackFigures(changed));
    const unscheduled = one.replace(
      "policy_retention every 1 day",
      "policy_retention every 2 days",
    );
    expect(withoutStackFigures(one)).not.toBe(withoutStackFigures(unscheduled));
  });
});
