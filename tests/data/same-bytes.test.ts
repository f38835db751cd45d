/** The generated data depend only on their options, and are generated a row at a time. */
import { copyText } from "../../data/copy-text";
import { SIZES } from "../../data/scale";
import type { DataTable, Row } from "../../data/table";
import { tablesOf } from "../../data/tables";
import type { DataOptions } from "../../data/world";
import { digests, NOW, records, SMALL } from "./read";

/** Scale S with fewer rows in every table. */
const FEW: DataOptions = {
  ...SMALL,
  sizes: {
    users: 200,
    servers: 200,
    sessions: 300,
    rateLimits: 200,
    auditEvents: 2_000,
    policyEvaluations: 2_000,
  },
};
/** Tens of millions of rows about few entities, because entities are held in memory. */
const L: DataOptions = {
  ...SMALL,
  scale: "L",
  sizes: { users: 1_000, servers: 1_000, apiKeys: 500 },
};

describe("the data generator", () => {
  const once = digests(FEW);

  it("makes the same bytes from the same options", () => {
    expect(Object.keys(once)).toHaveLength(10);
    expect(digests({ ...FEW, now: new Date(NOW) })).toEqual(once);
  });

  it("makes the same rows of a table whether or not other tables were read before", () => {
    const [, servers] = tablesOf("sark", FEW);
    const [, again] = tablesOf("sark", FEW);
    const text = (table: DataTable | undefined): string =>
      [...copyText(table?.rows() ?? [])].join("");
    // The users of one generator were read before, and its rows are read twice from the start.
    for (const table of tablesOf("sark", FEW)) [...table.rows()].at(-1);
    expect(text(servers)).toBe(text(again));
    expect(text(servers)).toBe(text(servers));
  });

  it.each([
    ["seed", { seed: 2 }],
    ["now", { now: new Date(NOW.getTime() + 60_000) }],
  ])("makes other bytes of every table with another %s", (_what, change) => {
    const others = digests({ ...FEW, ...change });
    expect(Object.keys(others)).toEqual(Object.keys(once));
    const equal = Object.keys(once).filter((table) => once[table] === others[table]);
    expect(equal).toEqual([]);
  });

  it("makes the number of rows that the scale sets for each table", () => {
    const count = (database: "sark" | "sark_audit", table: string): number =>
      [...records(database, table)].length;
    const { users, servers, sessions, apiKeys, policies, rateLimits, auditEvents } = SIZES.S;
    expect(count("sark", "users")).toBe(users);
    expect(count("sark", "servers")).toBe(servers);
    expect(count("sark", "sessions")).toBe(sessions);
    expect(count("sark", "api_keys")).toBe(apiKeys);
    expect(count("sark", "policies")).toBe(policies);
    expect(count("sark", "rate_limits")).toBe(rateLimits);
    expect(count("sark_audit", "audit_events")).toBe(auditEvents);
    expect(count("sark_audit", "policy_evaluations")).toBe(SIZES.S.policyEvaluations);
    // One to seven versions each.
    expect(count("sark", "policy_versions")).toBe(159);
    // Events of severity medium or more, and repeated attempts.
    expect(count("sark_audit", "siem_events")).toBe(2_352);
  });

  it("has larger sizes of everything at a larger scale", () => {
    for (const [less, more] of [
      [SIZES.S, SIZES.M],
      [SIZES.M, SIZES.L],
    ] as const) {
      for (const key of Object.keys(less) as (keyof typeof less)[]) {
        expect(more[key]).toBeGreaterThan(less[key]);
      }
    }
  });
});

describe("generated rows", () => {
  it("are made one at a time, so that ten of tens of millions need no memory for the others", () => {
    for (const database of ["sark", "sark_audit"] as const) {
      for (const { rows } of tablesOf(database, L)) {
        const all = rows();
        expect(Array.isArray(all)).toBe(false);
        const iterator = all[Symbol.iterator]();
        for (let i = 0; i < 10; i++) expect(iterator.next().done).toBe(false);
      }
    }
  });

  it("are read no further ahead than a chunk of text", () => {
    let made = 0;
    const endless = function* (): Generator<Row> {
      for (;;) {
        made++;
        yield { a: "x".repeat(99) };
      }
    };
    const chunks = copyText(endless())[Symbol.iterator]();
    const first: unknown = chunks.next().value;
    expect(first).toHaveLength(65_600);
    expect(made).toBe(656);
  });
});

it("copyText escapes the characters that are special to COPY", () => {
  const text = [
    ...copyText([
      { a: "a\tb\\c\nd\re", b: null, c: true, d: false, e: -1.5, f: "" },
      { a: "\\N", b: "\\." },
    ]),
  ].join("");
  expect(text).toBe("a\\tb\\\\c\\nd\\re\t\\N\tt\tf\t-1.5\t\n\\\\N\t\\\\.\n");
});
