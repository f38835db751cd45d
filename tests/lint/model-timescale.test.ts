import { schemaOf } from "./schema-of";

it.each([
  ["public.create_hypertable('public.t', public.by_range('time'))"],
  ["public.create_hypertable('public.t', 'time')"],
  ["public.create_hypertable(relation => 'public.t', dimension => public.by_range('time'))"],
  ["public.create_hypertable(main_table => 'public.t', time_column_name => 'time')"],
  ["public.create_hypertable('public.t'::regclass, public.by_range(column_name => 'time'))"],
  ["public.create_hypertable('public.t', dimension => public.by_range('time'))"],
])("the lint's model reads the time column of %s", async (call) => {
  const { hypertables } = await schemaOf(`select ${call}`);
  expect(hypertables.get("public.t")?.columns).toEqual(["time"]);
});

it.each([
  "public.add_dimension('public.t', public.by_hash('kind', 2))",
  "public.add_dimension('public.t', 'kind', 2)",
  "public.add_dimension(hypertable => 'public.t', dimension => public.by_hash('kind', 2))",
  "public.add_dimension(hypertable => 'public.t', column_name => 'kind', number_partitions => 2)",
])("the lint's model reads the second dimension of %s", async (call) => {
  const { hypertables } = await schemaOf(
    `select public.create_hypertable('public.t', 'time'); select ${call}`,
  );
  expect(hypertables.get("public.t")?.columns).toEqual(["time", "kind"]);
});

it("the lint's model reads a hypertable from table options and follows its renames", async () => {
  const schema = await schemaOf(
    `create table public.t (time timestamptz) with (tsdb.hypertable, tsdb.partition_column = 'time');
       alter table public.t set (timescaledb.enable_columnstore = on, fillfactor = 90);
       select public.add_retention_policy('public.t', interval '1 day')`,
    "alter table public.t rename column time to at; alter table public.t rename to s",
  );
  expect([...schema.hypertables]).toMatchObject([["public.s", { columns: ["at"] }]]);
  expect([...schema.columnstores]).toEqual(["public.s"]);
  expect([...schema.policies]).toEqual([["public.s", new Set(["retention"])]]);
});

it.each([
  ["timescaledb.enable_columnstore", 1],
  ["timescaledb.enable_columnstore = true", 1],
  ["timescaledb.enable_columnstore = false", 0],
  ["timescaledb.compress", 1],
  ["timescaledb.compress = 'off'", 0],
  ["timescaledb.orderby = 'time'", 0],
  ["fillfactor = 90", 0],
])("the lint's model reads the columnstore option: %s", async (option, stores) => {
  const schema = await schemaOf(`alter table public.t set (${option}), set logged`);
  expect(schema.columnstores.size).toBe(stores);
});

it("the lint's model removes a columnstore that is disabled", async () => {
  const schema = await schemaOf(
    "alter table public.t set (timescaledb.compress); alter table public.t set (timescaledb.compress = false)",
  );
  expect(schema.columnstores.size).toBe(0);
});

it.each([
  ["columnstore", "call public.add_columnstore_policy", "call public.remove_columnstore_policy"],
  [
    "columnstore",
    "select public.add_compression_policy",
    "select public.remove_compression_policy",
  ],
  ["retention", "select public.add_retention_policy", "select public.remove_retention_policy"],
  [
    "refresh",
    "select public.add_continuous_aggregate_policy",
    "select public.remove_continuous_aggregate_policy",
  ],
])("the lint's model adds and removes policies of kind %s", async (kind, add, remove) => {
  for (const relation of ["'public.t'", "relation => 'public.t'", "hypertable => 'public.t'"]) {
    const added = `${add}(${relation})`;
    expect((await schemaOf(added)).policies.get("public.t")).toEqual(new Set([kind]));
    const { policies } = await schemaOf(added, `${remove}(${relation})`);
    expect(policies.get("public.t")).toEqual(new Set());
  }
});

it("the lint's model removes everything of a dropped relation", async () => {
  for (const [make, kind] of [
    ["create table public.t (time timestamptz)", "table"],
    ["create view public.t as select 1", "view"],
    [
      "create materialized view public.t with (timescaledb.continuous) as select 1 with no data",
      "materialized view",
    ],
  ]) {
    const schema = await schemaOf(
      `${String(make)};
         select public.create_hypertable('public.t', 'time');
         select public.add_retention_policy(continuous_aggregate => 'public.t');
         alter table public.t set (timescaledb.compress)`,
      `drop ${String(kind)} public.t`,
    );
    const { relations, hypertables, policies, columnstores } = schema;
    expect([relations, hypertables, policies, columnstores].map(({ size }) => size)).toEqual([
      0, 0, 0, 0,
    ]);
  }
});
