import { found } from "./found";
import { squawkFound } from "./squawk-found";

jest.setTimeout(60_000);

const HYPERTABLE = `
create table public.readings (time timestamptz not null, name text);
create index readings_name_idx on public.readings (name);
select public.create_hypertable('public.readings', public.by_range('time'));`;
const PLAIN = `
create table public.things (time timestamptz not null, name text);
create index things_name_idx on public.things (name);`;

const DROP = "drop table public.readings;";
const RENAME = "alter table public.readings rename to measurements;";
const MOVE = "alter table public.readings set schema other;";

/** A plain table takes the name of a hypertable. */
const REPLACE = `${DROP}${PLAIN}alter table public.things rename to readings;`;

const outside = (sql: string): string => `--! no-transaction\n${sql}`;

describe("the lint judges a hypertable by its state at the statement", () => {
  it.each([
    ["dropped later", [HYPERTABLE], "public.readings", "public.readings_name_idx", [DROP]],
    ["renamed later", [HYPERTABLE], "public.readings", "public.readings_name_idx", [RENAME]],
    ["moved later", [HYPERTABLE], "public.readings", "public.readings_name_idx", [MOVE]],
    ["replaced later", [HYPERTABLE], "public.readings", "public.readings_name_idx", [REPLACE]],
    ["renamed before", [HYPERTABLE, RENAME], "public.measurements", "public.readings_name_idx", []],
    ["moved before", [HYPERTABLE, MOVE], "other.readings", "other.readings_name_idx", []],
  ])("a hypertable %s", async (_, before, table, index, after) => {
    for (const [create, rules] of [
      [`create index i on ${table} (time);`, []],
      [`drop index ${index};`, []],
    ] as const) {
      expect(await squawkFound([...before, create, ...after], before.length)).toEqual(rules);
    }
    for (const sql of [
      `create index concurrently i on ${table} (time);`,
      `drop index concurrently ${index};`,
    ]) {
      const texts = [...before, outside(sql), ...after];
      expect(await found(["timescale-concurrently"], ...texts)).toEqual([
        expect.stringContaining(`${table} is a hypertable: remove concurrently`),
      ]);
    }
  });

  it.each([
    [
      "that becomes a hypertable later",
      [PLAIN],
      "things",
      ["select public.create_hypertable('public.things', public.by_range('time'));"],
    ],
    ["with the former name of a hypertable", [HYPERTABLE, REPLACE], "readings", []],
    [
      "whose name a hypertable takes later",
      [HYPERTABLE, PLAIN],
      "things",
      ["drop table public.things; alter table public.readings rename to things;"],
    ],
  ])("a plain table %s", async (_, before, table, after) => {
    for (const [sql, rule] of [
      [`create index i on public.${table} (time);`, "require-concurrent-index-creation"],
      ["drop index public.things_name_idx;", "require-concurrent-index-deletion"],
    ] as const) {
      expect(await squawkFound([...before, sql, ...after], before.length)).toEqual([rule]);
      const concurrently = outside(sql.replace("index", "index concurrently"));
      const texts = [...before, concurrently, ...after];
      expect(await found(["timescale-concurrently"], ...texts)).toEqual([]);
    }
  });
});

describe("the lint does not advise using index for a key of a hypertable", () => {
  it.each([
    "add constraint k unique (time, name)",
    "add constraint k primary key (time, name)",
    "add column n text, add constraint k unique (time, name)",
  ])("%s", async (action) => {
    const rules = ["adding-serial-primary-key-field", "disallowed-unique-constraint"];
    const at = async (table: string): Promise<readonly string[]> =>
      (await squawkFound([HYPERTABLE, PLAIN, `alter table public.${table} ${action};`])).filter(
        (rule) => rules.includes(rule),
      );
    expect(await at("readings")).toEqual([]);
    expect(await at("things")).toHaveLength(1);
  });
});
