/** Migrations of the kinds found in public histories, run by the user's commands. */
import * as fs from "node:fs";
import * as path from "node:path";
import { StackCopy } from "../../../scratch/scratch-stack";

jest.setTimeout(240_000);

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
  await stack.mustRun("up", "--yes", "--engine", "embedded");
});
afterAll(() => stack.remove());

type Files = Readonly<Record<string, string>>;

const TIMES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";
const folder = (): string => path.join(stack.folder, "sql", "sark");

function write(files: Files): void {
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(folder(), name), text);
}

/** Runs a command with temporary migration files. */
async function withFiles(files: Files, ...command: readonly string[]): Promise<readonly string[]> {
  write(files);
  try {
    const { stdout, stderr } = await stack.run(...command);
    return `${stdout}${stderr}`.split("\n");
  } finally {
    for (const name of Object.keys(files)) fs.rmSync(path.join(folder(), name));
  }
}

const NAME = /^sql\/sark\/(0000\d\d)_\w+\.sql:(\d+): (.*)$/;

/** The lint's findings on these files: `000009:3 rule: what to do`. */
async function linted(files: Files): Promise<readonly string[]> {
  const lines = await withFiles(files, "lint:sql");
  return lines.flatMap((line) => {
    const [, file = "", at = "", text = ""] = NAME.exec(line) ?? [];
    return file === "" ? [] : [`${file}:${at} ${text}`];
  });
}

/** The preview's line that refuses the files. */
async function refused(files: Files): Promise<string> {
  const lines = await withFiles(files, "preview");
  return (
    lines.find((line) => line.includes("Migrations sark-database-migrations: files:")) ??
    lines.join("\n")
  );
}

/** One value of a query, as the read-only login. */
async function value(sql: string): Promise<unknown> {
  return stack.withLogin("sark_readonly", async (client) => {
    const { rows } = await client.query<{ value: unknown }>(sql);
    return rows[0]?.value;
  });
}

const PARTITIONED = `${TIMES}create table public.events_by_day (
  day date not null,
  note text not null,
  constraint events_by_day_pk primary key (day)
) partition by range (day);
comment on table public.events_by_day is 'Notes of each day.';
create table public.events_2026_01 partition of public.events_by_day for values from ('2026-01-01') to ('2026-02-01');
comment on table public.events_2026_01 is 'Notes of a month.';
`;

describe("a migration file from a public history", () => {
  /** Kinds of migrations in order; each one's files stay for the next. */
  const APPLIED: readonly (readonly [string, Files])[] = [
    [
      "a partition that is detached concurrently",
      {
        "000010_events.sql": PARTITIONED,
        "000011_detach.sql": `--! no-transaction\n${TIMES}alter table public.events_by_day detach partition public.events_2026_01 concurrently;`,
      },
    ],
    [
      "batches that commit",
      {
        "000012_batches.sql": `--! no-transaction\n${TIMES}do $$ begin for batch in 1..3 loop update public.users set is_active = is_active where false; commit; end loop; end $$;`,
      },
    ],
    [
      "temporary tables",
      {
        "000013_temporary.sql": `${TIMES}create temporary table x (i int); insert into x values (1); drop table x;`,
      },
    ],
    [
      "a materialized view that is refreshed concurrently",
      {
        "000014_view.sql": `${TIMES}create materialized view public.mv as select 1 as one;
          create unique index mv_one on public.mv (one); comment on materialized view public.mv is 'One.';`,
        "000015_refresh.sql": `${TIMES}refresh materialized view concurrently public.mv;`,
      },
    ],
    [
      "a deep expression",
      { "000016_deep.sql": `${TIMES}select ${Array(2500).fill("'a'").join("||")};` },
    ],
    [
      "20,000 statements",
      {
        "000017_seed.sql": `${TIMES}create table public.places (code text primary key, name text);
          comment on table public.places is 'Places.';
          ${Array.from({ length: 20_000 }, (_, at) => `insert into public.places values ('${String(at)}', 'Place');`).join("\n")}`,
      },
    ],
    [
      "an enum value that a later file uses",
      {
        "000018_type.sql": `${TIMES}create type public.plan_state as enum ('new');`,
        "000019_value.sql": `${TIMES}alter type public.plan_state add value 'kept';`,
        "000020_use.sql": `${TIMES}select 'kept'::public.plan_state;`,
      },
    ],
  ];

  it("is applied, whatever its kind, in one up", async () => {
    for (const [, files] of APPLIED) write(files);
    const { stdout } = await stack.mustRun("up", "--yes");
    expect(stdout).toContain(
      "Pending migrations: sark 11 files, 000010_events.sql to 000020_use.sql\n",
    );
    expect(stdout).toContain("20 migrations applied");
    expect(await value("select count(*)::int as value from public.places")).toBe(20_000);
    expect(await value("select to_regclass('public.events_2026_01') is not null as value")).toBe(
      true,
    );
  });

  it("is not cancelled by the server's own timeout", async () => {
    stack.configure((config) => {
      config["sark-databases:sark"] = { home: "local", parameters: { transaction_timeout: "1s" } };
    });
    await stack.mustRun("up", "--yes");
    write({ "000021_slow.sql": `${TIMES}select pg_catalog.pg_sleep(2);` });
    await stack.mustRun("up", "--yes");
  });
});

describe("a migration file that cannot be applied", () => {
  it.each<[string, Files, string]>([
    [
      "a detachment without the directive",
      { "000030_a.sql": `${TIMES}alter table public.a detach partition public.b concurrently;` },
      'mixed-concurrently: 000030_a.sql:3: this cannot run in a transaction: move it to its own file that begins with "--! no-transaction"',
    ],
    [
      "a block that commits without the directive",
      { "000030_a.sql": `${TIMES}do $$ begin commit; end $$;` },
      "mixed-concurrently: 000030_a.sql:3: this cannot run in a transaction",
    ],
    [
      "copy with rows",
      { "000030_a.sql": `${TIMES}copy public.c from stdin;\n1\tone\n\\.\n` },
      "psql-command: 000030_a.sql:3: copy from stdin reads its rows from psql",
    ],
    [
      "copy to psql",
      { "000030_a.sql": `${TIMES}copy (select 1) to stdout;` },
      "psql-command: 000030_a.sql:3: copy to stdout sends rows to the client",
    ],
    [
      "a function without a schema",
      { "000030_a.sql": `${TIMES}create function f() returns int language sql return 1;` },
      "unqualified: 000030_a.sql:3: f has no schema: write public.f",
    ],
    [
      "an expression that is too deep",
      { "000030_a.sql": `${TIMES}\nselect ${Array(50_000).fill("'a'").join("||")};` },
      "syntax: 000030_a.sql:4: nested too deeply for PostgreSQL's parser",
    ],
  ])(
    "is refused by the preview with the actual reason and its line: %s",
    async (_, files, reason) => {
      expect(await refused(files)).toContain(reason);
    },
  );

  it("is refused with its folder if another file has its number", async () => {
    const twice = { "000030_a.sql": "select 1;", "000030_b.sql": "select 1;" };
    expect((await withFiles(twice, "preview")).filter(Boolean).at(-1)).toBe(
      "sql/sark: duplicate: 000030_b.sql and 000030_a.sql have the same number: give the newer one the next free number",
    );
  });
});

describe("the lint on public histories", () => {
  it("requires no primary key that the server would refuse", async () => {
    const files = {
      "000030_log.sql": `${PARTITIONED.replaceAll("events", "log")}create table public.users_copy (like public.users including all);
        comment on table public.users_copy is 'A copy.';`,
    };
    expect((await linted(files)).filter((line) => line.includes("primary-key"))).toEqual([]);
  });

  it("reports an enum value used in the file that adds it", async () => {
    const files = {
      "000030_state.sql": `${TIMES}alter type public.plan_state add value 'late';\nselect 'late'::public.plan_state;`,
    };
    expect(await linted(files)).toContainEqual(expect.stringMatching(/^000030:4 .*late/));
  });

  it("checks statements in do blocks", async () => {
    const files = {
      "000030_block.sql": `${TIMES}do $$ begin
  alter table public.users alter column is_active type int using 1;
  alter table public.users drop column full_name;
  create index i on public.users (is_active);
end $$;`,
    };
    const lines = (await linted(files)).map((line) => line.split(" ")[0]);
    expect(lines).toEqual(expect.arrayContaining(["000030:4", "000030:5", "000030:6"]));
  });

  it("knows the server's generated names", async () => {
    const files = {
      "000030_one.sql": `${TIMES}create table public.one (id bigint primary key, code text unique, user_id uuid unique references public.users);`,
      "000031_drop.sql": `${TIMES}alter table public.one drop constraint one_pkey, drop constraint one_code_key, drop constraint one_user_id_key;\ncreate index one_code on public.one (code);`,
    };
    const lines = await linted(files);
    expect(lines).toContainEqual(expect.stringMatching(/^000031:3 primary-key: /));
    expect(lines).toContainEqual(expect.stringMatching(/^0000\d\d:\d foreign-key-index: /));
    expect(lines.filter((line) => line.includes("duplicate-index"))).toEqual([]);
  });

  it("requires nothing of temporary tables", async () => {
    const files = {
      "000030_temporary.sql": `${TIMES}create temporary table tt (i int); insert into tt values (1); create index on tt (i);`,
    };
    expect((await linted(files)).filter((line) => line.startsWith("000030"))).toEqual([]);
  });

  it("reports one fault once", async () => {
    const files = { "000030_noise.sql": "create table foo (id int);" };
    const lines = await linted(files);
    expect(lines.filter((line) => line.includes("foo") && /schema/.test(line)).length).toBeLessThan(
      2,
    );
    expect(lines.filter((line) => line.includes("timeouts")).length).toBeLessThan(2);
  });
});
