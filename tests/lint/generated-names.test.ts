import * as fc from "fast-check";
import type { Schema } from "../../lint/model/schema";
import { scratchClient } from "../support/scratch-client";
import { schemaOf } from "./schema-of";

jest.setTimeout(120_000);

const client = scratchClient();

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** Indexes, sequences and constraints of schema `s` with their tables, without not-null constraints. */
async function namesOnServer(sql: string): Promise<readonly string[]> {
  await client().query("drop schema if exists s cascade; create schema s");
  await client().query(sql);
  const { rows } = await client().query<{ name: string }>(`
    select 'index ' || t.relname || ' ' || c.relname as name
      from pg_index as i
      join pg_class as c on c.oid = i.indexrelid
      join pg_class as t on t.oid = i.indrelid
     where c.relnamespace = 's'::regnamespace
    union all
    select 'sequence ' || relname from pg_class
     where relkind = 'S' and relnamespace = 's'::regnamespace
    union all
    select case contype when 'c' then 'check ' else 'foreign key ' end || t.relname || ' ' || conname
      from pg_constraint join pg_class as t on t.oid = conrelid
     where contype in ('c', 'f') and connamespace = 's'::regnamespace`);
  return rows.map(({ name }) => name).sort(compare);
}

function namesInModel({ indexes, sequences, foreignKeys, checks }: Schema): readonly string[] {
  const bare = (name: string): string => name.replace(/^s\./, "");
  const of =
    (kind: string) =>
    ({ table, name }: { readonly table: string; readonly name: string }): string =>
      `${kind} ${bare(table)} ${name}`;
  return [
    ...indexes.map(of("index")),
    ...[...sequences.keys()].map((name) => `sequence ${bare(name)}`),
    ...foreignKeys.map(of("foreign key")),
    ...checks.map(of("check")),
  ].sort(compare);
}

async function expectSameNames(sql: string): Promise<void> {
  const expected = await namesOnServer(sql);
  expect(namesInModel(await schemaOf(sql))).toEqual(expected);
}

it.each([
  "create table s.one (id bigint primary key, code text unique, one_id bigint references s.one)",
  "create table s.t (a serial, b bigint generated always as identity, c smallserial)",
  "create table s.t (a int check (a > 0), b int, check (a > b), check (a < b), check (true))",
  "create table s.t (a int, b int, unique (a, b), unique (a) include (b), unique (b, a))",
  "create table s.t (a int4range, exclude using gist (a with &&), exclude (a with =))",
  "create table s.t (a int primary key unique, b int unique, unique (b))",
  "create table s.t (a int primary key, constraint named unique (a))",
  "create table s.t (a text); create index on s.t (a); create index on s.t (a); create index on s.t (a, a)",
  "create table s.t_pkey (a int); create table s.t (a int primary key)",
  "create table s.t (a int); create view s.t_a_idx as select 1; create index on s.t (a)",
  "create table s.t (a int); create sequence s.t_b_seq; alter table s.t add column b serial",
  "create table s.t (a int, constraint t_b_fkey check (a > 0)); alter table s.t add column b int unique; alter table s.t add foreign key (b) references s.t (b)",
  "create table s.t (a int primary key); alter table s.t rename to u; create table s.t (a int primary key)",
  "create table s.t (a int primary key); alter index s.t_pkey rename to k; alter table s.t drop constraint k; alter table s.t add primary key (a)",
  "create table s.t (a int unique); alter table s.t drop column a; alter table s.t add column a int unique",
  "create table s.t (a int unique); alter table s.t rename constraint t_a_key to x; alter table s.t add unique (a)",
  "create table s.t (a serial); alter sequence s.t_a_seq rename to x; create table s.u (a int); alter table s.u rename to t2",
])("the lint's model generates the server's names for: %s", expectSameNames);

it.each([
  "lower(a)",
  "(a || 'x')",
  "(a::varchar)",
  "(lower(a)::varchar)",
  "((a || 'x')::varchar(3))",
  "(case when a = 'x' then 1 end)",
  "(case when a = 'x' then 'y' else a end)",
  "coalesce(a, 'x')",
  "greatest(a, 'x')",
  "least(a, 'x')",
  "nullif(a, 'x')",
  "(a is null)",
  "(array[a])",
  "((array[a])[1])",
  '(a collate "C")',
  "extract(year from d)",
  "(d at time zone 'UTC')",
  "substring(a from 2)",
  "(not (a = 'x'))",
  "((j ->> 'key'))",
  "lower(a), upper(a), lower(a), (a || 'x'), (a || 'y')",
])("the lint's model generates the server's name for an index on %s", async (expression) => {
  await expectSameNames(
    `create table s.t (a text, d timestamp, j jsonb); create index on s.t (${expression})`,
  );
});

const PARENT = `
  create table s.r (id bigint primary key);
  create table s.t (a int, b int references s.r, check (a > 0), primary key (a)) partition by range (a);
  create index on s.t (b, lower(b::text)) include (a);`;

it.each([
  "create table s.p partition of s.t for values from (1) to (2)",
  "create table s.p partition of s.t (unique (b, a)) default",
  "create table s.p partition of s.t default partition by list (a); create table s.q partition of s.p default; create index on s.t (b); create index on only s.p (b, a)",
  "create table s.p (a int not null, b int, constraint t_a_check check (a > 0)); alter table s.t attach partition s.p default",
  "create table s.p (a int not null, b int references s.r, constraint t_a_check check (a > 0), primary key (a)); create index x on s.p (b); create index on s.t (b); alter table s.t attach partition s.p default",
  "create table s.p partition of s.t default; alter table s.t detach partition s.p; drop index s.t_b_lower_a_idx; alter table s.t drop constraint t_pkey",
  "create table s.p partition of s.t default; drop index s.t_b_lower_a_idx; alter table s.t drop constraint t_pkey",
  "create table s.p partition of s.t default; alter table s.t rename column b to c; create index on s.t (c); alter table s.t add unique (c, a)",
  "create table s.p partition of s.t default; alter table s.t drop column b",
  "create table s.p partition of s.t default; alter table s.t add column c int references s.r, add column d int check (d > 0)",
  "create table s.p partition of s.t default; alter table s.t drop constraint t_b_fkey, drop constraint t_a_check",
  "create table s.p partition of s.t default; drop table s.t",
  "create table s.p (a int not null, b int, constraint t_a_check check (a > 0)); create table s.w (a int not null, b int) partition by range (a); alter table only s.w attach partition s.p default; alter table only s.w add primary key (a); alter table only s.p add primary key (a); alter index s.w_pkey attach partition s.p_pkey; alter table s.w drop constraint w_pkey",
  "create table s.p partition of s.t default; create index on only s.t (b); create index x on s.p (b); alter index s.t_b_idx attach partition s.x; drop index s.t_b_idx",
  "create table s.p partition of s.t default; create index on only s.t (b); create index x on s.p (b); drop index s.t_b_idx",
  "create table s.l (like s.t including all)",
  "create table s.l (like s.t, c int unique)",
  "create table s.l (like s.t including indexes including constraints excluding constraints)",
  "create table s.i (c int unique) inherits (s.r); create table s.j (like s.i including all)",
  "create table s.g (id bigint generated always as identity, s bigserial); create table s.l (like s.g including identity including defaults)",
  "create table s.i (d int check (d > 0)); create table s.j (e int) inherits (s.i); alter table s.i add check (d > 1), add column f int unique",
  "create table s.i (d int check (d > 0)); create table s.j (d int check (d > 2)); alter table s.j add constraint i_d_check check (d > 0); alter table s.j inherit s.i; alter table s.i rename constraint i_d_check to x",
  "create type s.y as (d int, e text); create table s.o of s.y (d primary key, unique (e))",
  "create table s.c as select a, b from s.t; create index on s.c (a); select a into s.d from s.t; create index on s.d (a)",
])("the lint's model passes on indexes, keys and checks like the server: %s", async (sql) => {
  await expectSameNames(`${PARENT} ${sql}`);
});

const LETTERS = ["a", "B", "_", "é", "€", "😀", "1", " "];

/** A name up to PostgreSQL's limit. */
const name = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 6 }),
    fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 20, maxLength: 63 }),
  )
  .filter((text) => Buffer.byteLength(text) <= 63);

/** A key, check or index, with the positions of its columns. */
const part = fc.record({
  kind: fc.constantFrom("unique", "primary key", "foreign key", "check", "index", "lower"),
  columns: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 5 }),
});

function script(
  tables: readonly string[],
  columns: readonly string[],
  parts: readonly { readonly kind: string; readonly columns: readonly number[] }[],
): string {
  const quoted = (text = ""): string => `"${text.replaceAll('"', '""')}"`;
  return tables
    .flatMap((table, at) => {
      const of = `s.${quoted(table)}`;
      const definitions = columns.map((column) => `${quoted(column)} text`);
      const hasKey = new Set<string>();
      const more = parts.flatMap(({ kind, columns: positions }) => {
        const list = [
          ...new Set(positions.map((position) => quoted(columns[position % columns.length]))),
        ];
        if (kind === "index") return [`create index on ${of} (${list.join()})`];
        if (kind === "lower") {
          return [`create index on ${of} (${list.map((each) => `lower(${each})`).join()})`];
        }
        if (kind === "check") {
          return [`alter table ${of} add check (concat(${list.join()}) <> '')`];
        }
        if (kind === "foreign key") {
          const target = list.map((_, index) => `c${index}`).join();
          return [
            `alter table ${of} add foreign key (${list.join()}) references s.target${list.length} (${target})`,
          ];
        }
        if (kind === "primary key" && hasKey.has("primary key")) return [];
        hasKey.add(kind);
        return [`alter table ${of} add ${kind} (${list.join()})`];
      });
      const serial = at === 0 ? ["n serial"] : [];
      return [`create table ${of} (${[...definitions, ...serial].join()})`, ...more];
    })
    .join(";\n");
}

const TARGETS = [1, 2, 3, 4, 5]
  .map((count) => {
    const columns = Array.from({ length: count }, (_, index) => `c${index}`);
    return `create table s.target${count} (${columns.map((column) => `${column} text`).join()}, unique (${columns.join()}));\n`;
  })
  .join("");

it("the lint's model generates the server's names for names of every length and alphabet", async () => {
  const unique = (minLength: number, maxLength: number) =>
    fc.uniqueArray(name, { minLength, maxLength });
  await fc.assert(
    fc.asyncProperty(
      unique(1, 2),
      unique(1, 5),
      fc.array(part, { minLength: 1, maxLength: 8 }),
      async (tables, columns, parts) => {
        await expectSameNames(TARGETS + script(tables, columns, parts));
      },
    ),
    { numRuns: 100 },
  );
});
