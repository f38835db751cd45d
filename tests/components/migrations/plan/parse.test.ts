import { MigrationError } from "../../../../components/migrations/plan/errors";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { readStatements } from "../../../../components/migrations/plan/statements";

const NAME = "000001_a.sql";

async function read(sql: string) {
  const [file] = planFiles({ [NAME]: sql });
  if (file === undefined) throw new Error("no file");
  return readStatements(file);
}

async function refusal(sql: string): Promise<string> {
  const error: unknown = await read(sql).catch((reason: unknown) => reason);
  if (error instanceof MigrationError) return error.message;
  throw new Error(`not refused: ${sql.slice(0, 100)}`);
}

const repeated = (count: number, text: string, between: string): string =>
  Array(count).fill(text).join(between);

describe("migration with a long or deep expression", () => {
  it.each<[string, string]>([
    ["||", `select ${repeated(4000, "'a'", " || ")}`],
    ["and", `select ${repeated(20_000, "x = 1", " and ")} from public.a`],
    [
      "case",
      `select ${repeated(1500, "case when x = 1 then 1 else ", "")} 0 ${repeated(1500, "end", " ")} from public.a`,
    ],
    ["calls", `select ${repeated(2000, "pg_catalog.abs(", "")}1${repeated(2000, ")", "")}`],
    ["sub-queries", `select ${repeated(1000, "(select ", "")}1${repeated(1000, ")", "")}`],
    ["values", `insert into public.a values ${repeated(20_000, "(1)", ", ")}`],
    ["a union", `select 1 ${repeated(2000, "union all select 1", " ")}`],
  ])("is parsed: %s", async (_, sql) => {
    expect(await read(sql)).toHaveLength(1);
  });

  it.each<[string, string]>([
    ["||", `select ${repeated(100_000, "'a'", " || ")}`],
    ["-", `select ${repeated(100_000, "1", " - ")}`],
  ])("is rejected with its line when PostgreSQL would reject it as well: %s", async (_, sql) => {
    const text = `select 1;\n-- ä;\nselect ';'; -- b\n/* c */\n${sql};\nselect 2;`;
    const sentence = `syntax: ${NAME}:5: nested too deeply for PostgreSQL's parser: split it into several statements`;
    expect(await refusal(text)).toBe(sentence);
    // The parser still works afterwards.
    expect(await refusal(text)).toBe(sentence);
    expect(await read("select 1; select 2")).toHaveLength(2);
  });

  it("is rejected with the parser's message when the grammar has the limit", async () => {
    expect(await refusal(`select 1;\nselect ${repeated(20_000, "(", "")}1`)).toMatch(
      /^syntax: 000001_a.sql:2: memory exhausted at or near "\("/,
    );
  });
});

describe("migration with copy from stdin", () => {
  const ROWS = "1\tone\n2\t\\N\n\\.\n";

  it.each<[string, string, number]>([
    ["from stdin", `copy public.c from stdin;\n${ROWS}`, 1],
    [
      "as pg_dump writes it",
      `select 1;\n\nCOPY public.c (id, name) FROM stdin;\n${ROWS}\nselect 2;`,
      3,
    ],
    ["with options", `copy public.c from stdin with (format csv, delimiter ',');\n1,"a;b"\n`, 1],
    ["with rows that open a quote", `select 1;\ncopy public.c from stdin;\n1\tit's\n\\.\n`, 2],
    [
      "behind the word in a string",
      `select 'copy x from stdin;';\ncopy public.c from stdin;\n${ROWS}`,
      2,
    ],
    ["without rows", "copy public.c from stdin;", 1],
  ])("is rejected with the statement's line: %s", async (_, sql, line) => {
    expect(await refusal(sql)).toBe(
      `psql-command: ${NAME}:${line}: copy from stdin reads its rows from psql: write them as an insert (pg_dump --inserts does)`,
    );
  });

  it("is rejected for an earlier syntax error first", async () => {
    expect(await refusal(`selct 1;\ncopy public.c from stdin;\n${ROWS}`)).toBe(
      `syntax: ${NAME}:1: syntax error at or near "selct": correct it`,
    );
  });

  it("has a different error for copy to stdout", async () => {
    expect(await refusal("copy (select 1) to stdout;")).toBe(
      `psql-command: ${NAME}:1: copy to stdout sends rows to the client, which the runner discards: remove it`,
    );
  });

  it.each(["copy public.c from '/tmp/x'", "copy public.c to program 'cat'"])(
    "is accepted when the server has the rows: %s",
    async (sql) => {
      expect(await read(sql)).toHaveLength(1);
    },
  );
});

it("parser gives the line of each statement of a long file", async () => {
  const texts = Array.from({ length: 20_000 }, (_, at) => `select ${at}; -- ä${at}`);
  const lines = (await read(texts.join("\n"))).map(({ line }) => line);
  expect(lines).toEqual(texts.map((_, at) => at + 1));
});
