import {
  MigrationError,
  type MigrationErrorCode,
} from "../../../../components/migrations/plan/errors";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { outsideEffect } from "../../../../components/migrations/plan/statement-effects";
import { readStatements, type Statement } from "../../../../components/migrations/plan/statements";

const NAME = "000001_a.sql";

async function read(sql: string): Promise<readonly Statement[]> {
  const [file] = planFiles({ [NAME]: sql });
  if (file === undefined) throw new Error("no file");
  return readStatements(file);
}

async function refused(sql: string): Promise<string> {
  try {
    await read(sql);
  } catch (error) {
    if (error instanceof MigrationError) return error.message;
    throw error;
  }
  throw new Error(`not refused: ${sql}`);
}

const outside = (sql: string): string => `--! no-transaction\n${sql}`;

describe("statements of a migration file", () => {
  it.each<[string, string, readonly string[]]>([
    [
      "strings",
      "select ';'; select $$;$$; select $a$ $$;$$ $a$",
      ["select ';'", "select $$;$$", "select $a$ $$;$$ $a$"],
    ],
    [
      "nested comments",
      "select 1 /* ; /* ; */ ; */ + 2; select 3",
      ["select 1 /* ; /* ; */ ; */ + 2", "select 3"],
    ],
    [
      "characters of several bytes",
      "select 'ä€😀;'; select '😀'",
      ["select 'ä€😀;'", "select '😀'"],
    ],
    [
      "a body in SQL",
      "create function public.f() returns int language sql begin atomic select 1; select 2; end; select 3",
      [
        "create function public.f() returns int language sql begin atomic select 1; select 2; end",
        "select 3",
      ],
    ],
    ["empty statements", ";;select 1;;", ["select 1"]],
  ])("are split by PostgreSQL's parser, not by semicolons: %s", async (_, sql, expected) => {
    expect((await read(sql)).map((statement) => statement.sql)).toEqual(expected);
  });

  it("start after their comments", async () => {
    const statements = await read(
      "\n\n-- ä😀\n/* é\n*/ select 1 -- ö\n  ;\n\n-- of the second\n\nselect 2;",
    );
    expect(statements.map(({ sql, line }) => [line, sql])).toEqual([
      [5, "select 1 -- ö"],
      [10, "select 2"],
    ]);
    const wide = await read("-- 😀😀😀😀😀😀\nselect 1;\nselect 2;\nselect 3;");
    expect(wide.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it("are the same with both line endings", async () => {
    const sql = "select '\r\n';\r\n\r\nselect 2;";
    expect((await read(sql)).map(({ line }) => line)).toEqual([1, 4]);
    expect((await read(sql))[0]?.sql).toBe("select '\n'");
  });

  it.each<[MigrationErrorCode, string, string, string]>([
    [
      "encoding",
      "a byte order mark",
      "\uFEFF--! no-transaction\nselect 1;",
      "1: it begins with a byte order mark: save",
    ],
    [
      "encoding",
      "a NUL, where the parser stops",
      "select 1;\0 drop table public.a;",
      "1: it contains a NUL",
    ],
    ["empty", "nothing", "", "1: the file has no statement"],
    [
      "empty",
      "only comments",
      "--! lock_timeout 2s\n-- later\n/* ; */",
      "1: the file has no statement",
    ],
    [
      "syntax",
      "a syntax error",
      "select 1;\nselect 2\nfrom from x;",
      '3: syntax error at or near "from": correct it',
    ],
    [
      "syntax",
      "a syntax error after multi-byte characters",
      "-- ä€😀😀😀😀😀😀😀😀\nselect 'é';\n\nselct 1;",
      "4: syntax",
    ],
    ["syntax", "an open string", "select 1;\nselect 'x", "2: unterminated quoted string"],
    ["psql-command", "\\copy", "select '😀';\n\\copy public.a from 'x'", "2: backslash commands"],
    [
      "psql-command",
      "copy from stdin",
      "select 1;\ncopy public.a from stdin;",
      "2: copy from stdin",
    ],
    ["transaction-control", "begin", "select 1;\n\nbegin;", "3: begin, commit"],
    ["transaction-control", "commit", "commit; select 1;", "1: begin, commit"],
    ["transaction-control", "a savepoint", "savepoint a;", "1: begin, commit"],
    [
      "transaction-control",
      "a prepared transaction",
      "prepare transaction 'x'",
      "1: begin, commit",
    ],
    [
      "mixed-concurrently",
      "a concurrent index beside another statement",
      "select 1;\ncreate index concurrently i on public.a (x);",
      "2: this cannot run in a transaction",
    ],
    [
      "mixed-concurrently",
      "a concurrent index without the directive",
      "create index concurrently i on public.a (x);",
      "--! no-transaction",
    ],
    [
      "mixed-concurrently",
      "a concurrent reindex",
      "reindex table concurrently public.a",
      "1: this cannot run",
    ],
    [
      "mixed-concurrently",
      "a concurrent reindex in parentheses",
      "reindex (concurrently) index public.i",
      "1: this cannot run",
    ],
    ["mixed-concurrently", "a drop", "drop index concurrently public.i", "1: this cannot run"],
    ["mixed-concurrently", "a vacuum", "vacuum public.a", "1: this cannot run"],
    [
      "mixed-concurrently",
      "an index built by chunks",
      "create index i on public.a (x) with (timescaledb.transaction_per_chunk)",
      "1: this cannot run",
    ],
    [
      "mixed-concurrently",
      "two indexes",
      outside(
        "create index concurrently i on public.a (x);\ncreate index concurrently j on public.a (x);",
      ),
      "must have one statement, and this has 2",
    ],
    [
      "mixed-concurrently",
      "an index without a name",
      outside("create index concurrently on public.a (x);"),
      "2: give the concurrently built index a name",
    ],
    [
      "needs-transaction",
      "a table",
      outside("create table public.a (x int);"),
      "2: this can run in a transaction",
    ],
    [
      "needs-transaction",
      "an analyze",
      outside("analyze public.a;"),
      "2: this can run in a transaction",
    ],
  ])("are rejected as %s with the line: %s", async (code, _, sql, words) => {
    const message = await refused(sql);
    expect(message.startsWith(`${code}: ${NAME}:`)).toBe(true);
    expect(message).toContain(words);
  });

  it.each([
    ["a call", "call public.p();"],
    ["an index", "create unique index concurrently i on public.a (x);"],
    ["a drop", "drop index concurrently public.i;"],
    ["a vacuum", "vacuum (analyze) public.a;"],
  ])("may include %s outside of a transaction", async (_, sql) => {
    expect(await read(outside(sql))).toHaveLength(1);
  });
});

it.each([
  ['alter table public.a add x int; -- "b"', ["public.a"]],
  ['alter table "Big"."Name ""x""" add x int', ['"Big"."Name ""x"""']],
  ["create table public.b (id int references public.a)", ["public.b", "public.a"]],
  ["drop table public.a, b", ["public.a", "b"]],
  ["drop index public.i", ["public.i"]],
  ["drop trigger t on public.a", ["public.a"]],
  ["drop function public.f", []],
  ["truncate public.a, public.b", ["public.a", "public.b"]],
])("statement names these relations: %s", async (sql, relations) => {
  expect((await read(sql))[0]?.relations).toEqual(relations);
});

it.each<[string, ReturnType<typeof outsideEffect>]>([
  [
    "create index concurrently i on public.a (x)",
    { kind: "create index", index: "public.i", table: "public.a", concurrently: true },
  ],
  [
    'create index "I" on public.a (x) with (timescaledb.transaction_per_chunk)',
    { kind: "create index", index: 'public."I"', table: "public.a", concurrently: false },
  ],
  ["drop index concurrently public.i", { kind: "drop index", index: "public.i" }],
  ["reindex index concurrently public.i", { kind: "reindex", index: "public.i" }],
  ["reindex table concurrently public.a", { kind: "reindex", table: "public.a" }],
  ["reindex schema concurrently public", { kind: "reindex" }],
  ["vacuum public.a", { kind: "other" }],
])("statement outside of a transaction is recognised: %s", async (sql, work) => {
  const [statement] = await read(outside(sql));
  expect(statement && outsideEffect(statement.node)).toEqual(work);
});
