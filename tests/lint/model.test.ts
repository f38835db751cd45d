import type { Schema } from "../../lint/model/schema";
import { schemaOf } from "./schema-of";

const TABLES = `
  create table public.owners (id uuid, constraint owners_pkey primary key (id));
  create table public.things (
    id uuid,
    owner uuid,
    name text,
    constraint things_pkey primary key (id),
    constraint things_owner_fkey foreign key (owner) references public.owners (id)
  );
  create unique index things_name_key on public.things (name);
  create index things_owner_idx on public.things (owner) include (name) where owner is not null;
  create table public.others (name text, owner uuid, constraint things_name_key unique (name));
  alter table public.others add constraint things_owner_fkey foreign key (owner) references public.owners;
`;

/** Indexes by table, name and columns. */
function indexesOf({ indexes }: Schema): readonly string[] {
  return indexes.map(
    ({ table, name, keys }) => `${table} ${name} (${keys.map(({ value }) => value).join()})`,
  );
}

function foreignKeysOf({ foreignKeys }: Schema): readonly string[] {
  return foreignKeys.map(
    ({ table, name, columns, referenced }) => `${table} ${name} (${columns.join()}) ${referenced}`,
  );
}

const INDEXES = [
  "public.owners owners_pkey (id)",
  "public.things things_pkey (id)",
  "public.things things_name_key (name)",
  "public.things things_owner_idx (owner)",
  "public.others things_name_key (name)",
];

const FOREIGN_KEYS = [
  "public.things things_owner_fkey (owner) public.owners",
  "public.others things_owner_fkey (owner) public.owners",
];

const without = (list: readonly string[], ...gone: readonly number[]): readonly string[] =>
  list.filter((_, index) => !gone.includes(index));

it("the lint's model has tables, indexes and foreign keys", async () => {
  const schema = await schemaOf(TABLES);
  expect([...schema.relations.keys()]).toEqual(["public.owners", "public.things", "public.others"]);
  expect(indexesOf(schema)).toEqual(INDEXES);
  expect(foreignKeysOf(schema)).toEqual(FOREIGN_KEYS);
  expect(schema.indexes.map((index) => index.constraint)).toEqual([
    "primary key",
    "primary key",
    undefined,
    undefined,
    "unique",
  ]);
  expect(schema.indexes.map((index) => index.notNull)).toEqual([[], [], [], ["owner"], []]);
});

it.each([
  ["a table", "drop table public.owners", [0], [0, 1]],
  ["a table", "drop table public.things", [1, 2, 3], [0]],
  ["an index", "drop index public.things_owner_idx", [3], []],
  ["a constraint", "alter table public.others drop constraint things_name_key", [4], []],
  ["a foreign key", "alter table public.things drop constraint things_owner_fkey", [], [0]],
  ["a column", "alter table public.things drop column owner", [3], [0]],
  ["a column", "alter table public.things drop column name", [2, 3], []],
])("the lint's model removes %s: %s", async (_, sql, indexes, foreignKeys) => {
  const schema = await schemaOf(TABLES, sql);
  expect(indexesOf(schema)).toEqual(without(INDEXES, ...indexes));
  expect(foreignKeysOf(schema)).toEqual(without(FOREIGN_KEYS, ...foreignKeys));
});

it.each([
  [
    "alter table public.things rename to goods",
    (text: string) => text.replace(/^public\.things /, "public.goods "),
  ],
  [
    "alter table public.owners rename to people",
    (text: string) => text.replace(/public\.owners/, "public.people"),
  ],
  [
    "alter table public.things rename column owner to holder",
    (text: string) => text.replace(/^(public\.things .*)\(owner\)/, "$1(holder)"),
  ],
  [
    "alter index public.things_owner_idx rename to things_holder_idx",
    (text: string) => text.replace("things_owner_idx", "things_holder_idx"),
  ],
  [
    "alter table public.things rename constraint things_pkey to things_key",
    (text: string) => text.replace("things_pkey", "things_key"),
  ],
  [
    "alter table public.others rename constraint things_owner_fkey to others_owner_fkey",
    (text: string) =>
      text.replace(/^public\.others things_owner_fkey/, "public.others others_owner_fkey"),
  ],
  [
    "alter table public.others rename constraint things_name_key to others_name_key",
    (text: string) =>
      text.replace(/^public\.others things_name_key/, "public.others others_name_key"),
  ],
])("the lint's model applies %s", async (sql, renamed) => {
  const schema = await schemaOf(TABLES, sql);
  expect(indexesOf(schema)).toEqual(INDEXES.map(renamed));
  expect(foreignKeysOf(schema)).toEqual(FOREIGN_KEYS.map(renamed));
});

it.each([
  ["create view public.v as select 1", "alter view public.v rename to w"],
  ["create materialized view public.v as select 1", "alter materialized view public.v rename to w"],
])("the lint's model follows the new name of %s", async (make, rename) => {
  const { relations } = await schemaOf(make, rename);
  expect([...relations].map(([name, relation]) => [name, relation.name])).toEqual([
    ["public.w", "public.w"],
  ]);
});

it("the lint's model renames a column in an index's include list and predicate", async () => {
  const schema = await schemaOf(
    TABLES,
    "alter table public.things rename column owner to holder",
    "alter table public.things rename column name to title",
  );
  const index = schema.indexes.find(({ name }) => name === "things_owner_idx");
  expect(index).toMatchObject({ including: ["title"], notNull: ["holder"] });
  const { columns } = schema.relations.get("public.things") ?? {};
  expect([...(columns ?? [])].map(([name, column]) => [name, column.name])).toEqual([
    ["id", "id"],
    ["holder", "holder"],
    ["title", "title"],
  ]);
});

it("the lint's model resolves a statement's names in the state before it runs", async () => {
  const { named } = await schemaOf(
    TABLES,
    "alter index public.things_owner_idx rename to things_holder_idx; drop index public.things_holder_idx",
    "alter index public.things_holder_idx rename to gone",
  );
  const tables = [...named.values()].slice(-3).map((names) => [...names.values()][0]?.table);
  expect(tables).toEqual(["public.things", "public.things", "public.things_holder_idx"]);
});

it.each([
  ["a is not null", ["a"]],
  ["a is not null and b is not null", ["a", "b"]],
  ["a is not null or b is not null", undefined],
  ["a is not null and b > 1", undefined],
  ["a is null", undefined],
  ["lower(a) is not null", undefined],
])(
  "the lint's model reads the not-null columns of an index predicate: %s",
  async (predicate, columns) => {
    const [index] = (await schemaOf(`create index i on public.t (a) where ${predicate}`)).indexes;
    expect(index?.notNull).toEqual(columns);
  },
);

it.each([
  ["create unique index i on public.t (a)", { nullsNotDistinct: false, deferrable: false }],
  ["create unique index i on public.t (a) nulls not distinct", { nullsNotDistinct: true }],
  ["alter table public.t add unique (a)", { nullsNotDistinct: false, deferrable: false }],
  ["alter table public.t add unique nulls not distinct (a)", { nullsNotDistinct: true }],
  ["alter table public.t add unique (a) deferrable", { deferrable: true }],
])("the lint's model reads nulls not distinct and deferrable of: %s", async (sql, expected) => {
  expect((await schemaOf(sql)).indexes).toMatchObject([expected]);
});

it("the lint's model turns the index of using index into the constraint, on the same table", async () => {
  const schema = await schemaOf(
    "create unique index a on public.t (x); create unique index a on other.t (x)",
    "alter table public.t add constraint t_key unique using index a",
  );
  expect(schema.indexes).toMatchObject([
    { table: "public.t", name: "t_key", constraint: "unique" },
    { table: "other.t", name: "a", constraint: undefined },
  ]);
});
