import { found } from "./found";

const KEYS = ["primary-key", "foreign-key-index", "duplicate-index"];

const ONE = `create table public.users (id uuid primary key);
create table public.one (id bigint primary key, code text unique, user_id uuid unique references public.users);`;

const NO_PRIMARY_KEY = "primary-key: public.one has no primary key after this: give it one.";
const NO_INDEX =
  "foreign-key-index: one_user_id_fkey has no index on its columns after this: create one on public.one (user_id).";

it.each([
  [
    "alter table public.one\n  drop constraint one_pkey, drop constraint one_code_key, drop constraint one_user_id_key; create index i on public.one (code);",
    [`2:1 ${NO_INDEX}`, `2:1 ${NO_PRIMARY_KEY}`],
  ],
  ["alter table public.one drop constraint one_pkey;", [`2:1 ${NO_PRIMARY_KEY}`]],
  ["alter table public.one drop column id;", [`2:1 ${NO_PRIMARY_KEY}`]],
  [
    "alter table public.one rename constraint one_pkey to k;\nalter table public.one drop constraint k;",
    [`2:2 ${NO_PRIMARY_KEY}`],
  ],
  [
    "alter table public.one rename to two;\nalter table public.two drop constraint one_pkey;",
    ["2:2 primary-key: public.two has no primary key after this: give it one."],
  ],
  [
    "alter table public.one drop constraint one_pkey;\nalter table public.one rename to two;",
    ["2:1 primary-key: public.two has no primary key after this: give it one."],
  ],
  ["alter table public.one drop constraint one_pkey, add primary key (id, code);", []],
  [
    "alter table public.one drop constraint one_pkey;\nalter table public.one add primary key (id);",
    [],
  ],
  ["alter table public.one drop constraint one_user_id_fkey, drop constraint one_user_id_key;", []],
  [
    "drop table public.one;\ncreate table public.one (id int);",
    ["2:2 primary-key: Give public.one a primary key."],
  ],
  [
    "create index on public.one (code, id);\ncreate index on public.one (code);\ndrop index public.one_code_idx;",
    [],
  ],
])("key rules report a key where it is dropped: %s", async (sql, expected) => {
  expect(await found(KEYS, ONE, sql)).toEqual(expected);
});

it("key rules follow a table into another schema, with its keys and sequences", async () => {
  const move = "alter table public.one set schema other;";
  const drop = "alter table other.one drop constraint one_pkey;";
  const again = "create table public.one (id serial primary key);";
  expect(await found(KEYS, ONE, move, again)).toEqual([]);
  expect(await found(KEYS, ONE, move, again, drop)).toEqual([
    "4:1 primary-key: other.one has no primary key after this: give it one.",
  ]);
});

it("foreign-key-index reports a dropped index at its drop, and a later foreign key at its creation", async () => {
  const tables = `create table public.users (id uuid primary key);
create table public.one (id bigint primary key, a uuid references public.users, b uuid);
create index on public.one (a);`;
  expect(
    await found(
      KEYS,
      tables,
      "create index one_b on public.one (b);\ndrop index public.one_b;\ndrop index public.one_a_idx;",
      "alter table public.one add foreign key (b) references public.users;",
    ),
  ).toEqual([
    "2:3 foreign-key-index: one_a_fkey has no index on its columns after this: create one on public.one (a).",
    "3:1 foreign-key-index: one_b_fkey has no index on its columns: create one on public.one (b).",
  ]);
});

const DUPLICATE = (which: string, other: string): string =>
  `duplicate-index: ${other} on the same table covers ${which}: drop ${which} or leave it out.`;

it.each([
  [
    "create unique index u on public.t (a);\nalter table public.t add constraint k unique (a);",
    "1",
    "u",
    "k",
  ],
  [
    "alter table public.t add constraint k unique (a);\ncreate unique index u on public.t (a);",
    "2",
    "u",
    "k",
  ],
  ["create unique index u on public.t (id);", "1", "u", "t_pkey"],
  ["alter table public.t add constraint k unique (id);", "1", "k", "t_pkey"],
  ["create index i on public.t (a);\ncreate index j on public.t (a);", "2", "j", "i"],
  ["create index i on public.t (a);\ncreate unique index u on public.t (a);", "1", "i", "u"],
  ["create index on public.t (a);\ncreate index on public.t (a);", "2", "t_a_idx1", "t_a_idx"],
  [
    "alter table public.t add constraint k unique (a);\nalter table public.t add constraint l unique (a);",
    "2",
    "l",
    "k",
  ],
])(
  "duplicate-index reports the redundant one of two equal keys: %s",
  async (sql, line, which, other) => {
    const table = "create table public.t (id int primary key, a int);";
    expect(await found(KEYS, table, sql)).toEqual([`2:${line} ${DUPLICATE(which, other)}`]);
  },
);

it("duplicate-index keeps the primary key when an equal unique constraint is older", async () => {
  const table =
    "create table public.t (id int);\nalter table public.t add unique (id);\nalter table public.t add primary key (id);";
  expect(await found(KEYS, table)).toEqual([`1:2 ${DUPLICATE("t_id_key", "t_pkey")}`]);
});

it("duplicate-index accepts two equal keys in one statement, which PostgreSQL merges", async () => {
  expect(
    await found(
      KEYS,
      "create table public.t (id int primary key unique, a int unique, unique (a));",
    ),
  ).toEqual([]);
});

it("duplicate-index ignores create index if not exists for an existing index", async () => {
  const sql = "create index if not exists i on public.t (a);";
  expect(await found(KEYS, "create table public.t (id int primary key, a int);", sql, sql)).toEqual(
    [],
  );
});

const LOG = `create table public.log (day date not null, note json, by int references public.by, primary key (day)) partition by range (day);
create table public.by (id int primary key);`;

it.each([
  ["create table public.p partition of public.log default;", []],
  [
    "create table public.p partition of public.log default partition by list (note);\ncreate table public.q partition of public.p default;",
    [],
  ],
  [
    "create table public.p (day date not null, note json, by int);\nalter table public.log attach partition public.p default;",
    [],
  ],
  ["create table public.c (like public.log including all);", []],
  ["create table public.c (like public.log including indexes);", []],
  ["create table public.c (like public.log);", ["2:1 primary-key: Give public.c a primary key."]],
  [
    "create table public.c (like public.log including all excluding indexes);",
    ["2:1 primary-key: Give public.c a primary key."],
  ],
  [
    "create table public.h (x int) inherits (public.by);",
    ["2:1 primary-key: Give public.h a primary key."],
  ],
  [
    "create type public.y as (id int);\ncreate table public.o of public.y;",
    ["2:2 primary-key: Give public.o a primary key."],
  ],
  ["create type public.y as (id int);\ncreate table public.o of public.y (primary key (id));", []],
  ["create table public.a as select 1 as x;", ["2:1 primary-key: Give public.a a primary key."]],
  ["select 1 as x into public.a;", ["2:1 primary-key: Give public.a a primary key."]],
  [
    "create table public.p partition of public.log default;\nalter table public.log detach partition public.p;",
    [
      "1:1 foreign-key-index: log_by_fkey has no index on its columns: create one on public.p (by).",
    ],
  ],
  [
    "create table public.p partition of public.log default;\nalter table public.log detach partition public.p;\nalter table public.p drop constraint p_pkey, drop constraint log_by_fkey;",
    ["2:3 primary-key: public.p has no primary key after this: give it one."],
  ],
  [
    "create table public.p partition of public.log default;\nalter table public.log drop constraint log_pkey;",
    ["2:2 primary-key: public.log has no primary key after this: give it one."],
  ],
  [
    "create table public.p partition of public.log default;\ncreate index i on public.p (day);",
    [`2:2 ${DUPLICATE("i", "p_pkey")}`],
  ],
])("the lint's model has the same keys as the server: %s", async (sql, expected) => {
  const findings = await found(KEYS, LOG, sql);
  expect(findings.filter((each) => !each.endsWith("create one on public.log (by)."))).toEqual(
    expected,
  );
});

it.each([
  ["create table public.p partition of public.log default;", ["1:1"]],
  ["create table public.c (like public.log, b json);", ["1:1", "2:1"]],
  ["create table public.h (x int) inherits (public.log);", ["1:1"]],
  [
    "create type public.y as (id int,\n n json);\ncreate table public.o of public.y;",
    ["1:1", "2:2"],
  ],
  ["create table public.a as select day, note from public.log;", ["1:1"]],
  ["create table public.a as\n select '{}'::json as x;", ["1:1", "2:1"]],
  ["select *, 1::money as m into public.a from public.log;", ["1:1", "2:1"]],
])("the lint's model has the same columns as the server: %s", async (sql, expected) => {
  const findings = await found(["column-types"], LOG, sql);
  expect([...new Set(findings)].map((each) => each.split(" ")[0])).toEqual(expected);
});

it.each([
  ["alter table public.log\n alter column note type jsonb;", []],
  ["alter table public.log\n alter column day type timestamp;", ["1:1", "2:2"]],
  [
    "create table public.p partition of public.log default;\nalter table public.log alter column note type jsonb;",
    [],
  ],
])("the lint's model follows a column's new type: %s", async (sql, expected) => {
  const findings = await found(["column-types"], LOG, sql);
  expect([...new Set(findings)].map((each) => each.split(" ")[0]).sort()).toEqual(expected);
});

it("rule comments requires no comment on a partition until it is detached", async () => {
  const partition = "create table public.p partition of public.log default;";
  expect(await found(["comments"], LOG, partition)).toEqual([
    expect.stringMatching(/^1:1 comments: .*public\.log/),
    expect.stringMatching(/^1:2 comments: .*public\.by/),
  ]);
  const detached = "alter table public.log detach partition public.p;";
  expect(await found(["comments"], LOG, partition, detached)).toHaveLength(3);
});
