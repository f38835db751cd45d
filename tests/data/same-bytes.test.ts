/** The generated data are a function of their options, and are made a row at a time. */
import { copyText } from "../../data/copy-text";
import { SIZES } from "../../data/scale";
import type { DataTable, Row } from "../../data/table";
import { tablesOf } from "../../data/tables";
import type { DataOptions } from "../../data/world";
import { digests, NOW, records, SMALL } from "./read";

/** As scale S, of every table less. */
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
/** Tens of millions of rows, about few things: those are held. */
const L: DataOptions = {
  ...SMALL,
  scale: "L",
  sizes: { users: 1_000, servers: 1_000, apiKeys: 500 },
};

describe("the same options", () => {
  const once = digests(FEW);

  it("make the same bytes", () => {
    expect(Object.keys(once)).toHaveLength(10);
    expect(digests({ ...FEW, now: new Date(NOW) })).toEqual(once);
  });

  it("make the same rows of a table whose neighbours nobody has read", () => {
    const [, servers] = tablesOf("sark", FEW);
    const [, again] = tablesOf("sark", FEW);
    const text = (table: DataTable | undefined): string =>
      [...copyText(table?.rows() ?? [])].join("");
    // One of a world whose users were read first, and both times from the start.
    for (const table of tablesOf("sark", FEW)) [...table.rows()].at(-1);
    expect(text(servers)).toBe(text(again));
    expect(text(servers)).toBe(text(servers));
  });

  it.each([
    ["seed", { seed: 2 }],
    ["now", { now: new Date(NOW.getTime() + 60_000) }],
  ])("with another %s make other bytes of every table", (_what, change) => {
    const others = digests({ ...FEW, ...change });
    expect(Object.keys(others)).toEqual(Object.keys(once));
    const equal = Object.keys(once).filter((table) => once[table] === others[table]);
    expect(equal).toEqual([]);
  });

  it("make as many rows as the scale says, and every table its own", () => {
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
    // Whatever is of severity medium or more, and what failed once more.
    expect(count("sark_audit", "siem_events")).toBe(2_352);
  });

  it("make a larger scale larger in everything", () => {
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

describe("rows", () => {
  it("are made one at a time: ten of tens of millions take no memory of the others", () => {
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

it("writes what COPY takes for something else so that it does not", () => {
  const text = [
    ...copyText([
      { a: "a\tb\\c\nd\re", b: null, c: true, d: false, e: -1.5, f: "" },
      { a: "\\N", b: "\\." },
    ]),
  ].join("");
  expect(text).toBe("a\\tb\\\\c\\nd\\re\t\\N\tt\tf\t-1.5\t\n\\\\N\t\\\\.\n");
});
