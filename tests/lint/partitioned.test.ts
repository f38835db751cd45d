import { scratchClient } from "../support/scratch-client";
import { squawkFound } from "./squawk-found";

jest.setTimeout(60_000);

const WHOLE = `
create table public.log (id bigint not null, name text) partition by list (id);
create table public.log_one partition of public.log for values in (1);
create index log_name_idx on public.log (name);
create unique index log_id_idx on public.log (id);
create table public.plain (id bigint not null, name text);
create index plain_name_idx on public.plain (name);
create table public.rest (id bigint not null, name text);`;

const DEFAULT = "create table public.log_rest partition of public.log default;";
const ATTACH = "alter table public.log attach partition public.rest default;";
const DETACH = "alter table public.log detach partition public.log_one;";
const DETACH_CONCURRENTLY = DETACH.replace(";", " concurrently;");
const KEY = "alter table public.log add constraint log_key";

describe("squawk's advice on partitioned tables", () => {
  const client = scratchClient();

  beforeEach(() => client().query(`drop schema public cascade; create schema public; ${WHOLE}`));

  it.each([
    [
      "an index",
      [],
      "create index i on public.log (name);",
      "create index concurrently i on public.log (name)",
      "cannot create index on partitioned table",
    ],
    [
      "an index on only the whole table",
      [],
      "create index i on only public.log (name);",
      "create index concurrently i on only public.log (name)",
      "cannot create index on partitioned table",
    ],
    [
      "an index of a partition that has partitions",
      [
        "create table public.log_two partition of public.log for values in (2) partition by list (id);",
      ],
      "create index i on public.log_two (name);",
      "create index concurrently i on public.log_two (name)",
      "cannot create index on partitioned table",
    ],
    [
      "a dropped index",
      [],
      "drop index public.log_name_idx;",
      "drop index concurrently public.log_name_idx",
      "cannot drop partitioned index",
    ],
    [
      "a unique key",
      [],
      `${KEY} unique (id);`,
      `${KEY} unique using index log_id_idx`,
      "not supported on partitioned tables",
    ],
    [
      "a primary key",
      [],
      `${KEY} primary key (id);`,
      `${KEY} primary key using index log_id_idx`,
      "not supported on partitioned tables",
    ],
    [
      "a key of a renamed table",
      ["alter table public.log rename to events;"],
      "alter table public.events add constraint k unique (id);",
      "alter table public.events add constraint k unique using index log_id_idx",
      "not supported on partitioned tables",
    ],
    ["a detached partition", [DEFAULT], DETACH, DETACH_CONCURRENTLY, "default partition exists"],
    [
      "a default partition that was attached",
      [ATTACH],
      DETACH,
      DETACH_CONCURRENTLY,
      "default partition",
    ],
  ])("is ignored where PostgreSQL refuses it: %s", async (_, more, sql, advised, refusal) => {
    for (const each of more) await client().query(each);
    await expect(client().query(advised)).rejects.toThrow(refusal);
    await client().query(sql);
    expect(await squawkFound([WHOLE, ...more, sql])).toEqual([]);
  });

  it.each([
    [
      "create index i on public.plain (name);",
      "create index concurrently i on public.plain (name)",
    ],
    [
      "create index i on public.log_one (name);",
      "create index concurrently i on public.log_one (name)",
    ],
    ["drop index public.plain_name_idx;", "drop index concurrently public.plain_name_idx"],
    ["reindex table public.log;", "reindex (concurrently) table public.log"],
    ["reindex index public.log_name_idx;", "reindex (concurrently) index public.log_name_idx"],
    [DETACH, DETACH_CONCURRENTLY],
  ])("is reported where PostgreSQL accepts it: %s", async (sql, advised) => {
    expect(await squawkFound([WHOLE, sql])).toHaveLength(1);
    await expect(client().query(advised)).resolves.toBeDefined();
  });

  it.each([
    "drop table public.log_rest;",
    "alter table public.log detach partition public.log_rest;",
  ])("is reported again after the default partition is gone: %s", async (gone) => {
    expect(await squawkFound([WHOLE, DEFAULT, gone, DETACH])).toEqual([
      "require-concurrent-partition-detach",
    ]);
    for (const each of [DEFAULT, gone, DETACH_CONCURRENTLY]) await client().query(each);
  });
});
