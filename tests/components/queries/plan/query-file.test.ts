import { planQueries } from "../../../../components/queries/plan/query-file";

const PATH = "queries/monitoring/some-words.sql";

const HEAD = ["--! database sark", "--! login monitor", "--! returns a, b"];

function file(lines: readonly string[] = [], body = "select 1 as a, 2 as b;\n"): string {
  return [...HEAD, ...lines, "", "-- What is it?", "--", "-- Advice,", "-- on.", "", body].join(
    "\n",
  );
}

const plan = (text: string, more: Readonly<Record<string, string>> = {}) =>
  planQueries({ [PATH]: text, ...more });

test("query file gives the facts of its head", () => {
  const lines = [
    "--! extension pg_stat_statements",
    "--! timeout 4min",
    "--! changes",
    "--! no-transaction",
    "--! param who uuid -- users.id",
    "--! param at timestamptz = 2026-01-31 12:00Z -- when: at noon",
    '--! param like jsonb = {"a": [1]} -- what it holds',
  ];
  expect(plan(file(lines))).toEqual([
    {
      name: "some-words",
      group: "monitoring",
      databases: ["sark"],
      login: "monitor",
      extensions: ["pg_stat_statements"],
      changes: true,
      transaction: false,
      timeout: "4min",
      parameters: [
        { name: "who", type: "uuid", default: undefined, meaning: "users.id" },
        { name: "at", type: "timestamptz", default: "2026-01-31 12:00Z", meaning: "when: at noon" },
        { name: "like", type: "jsonb", default: '{"a": [1]}', meaning: "what it holds" },
      ],
      columns: ["a", "b"],
      metrics: [],
      server: "any",
      question: "What is it?",
      advice: "Advice, on.",
      sql: "select 1 as a, 2 as b",
    },
  ]);
});

test("query file defaults to a read-only query in a transaction with 10 seconds", () => {
  expect(plan(file())).toMatchObject([
    { changes: false, transaction: true, timeout: "10s", parameters: [], extensions: [] },
  ]);
});

test("query file declares columns as metrics, and the servers that have them", () => {
  const lines = [
    "--! gauge a -- what it is: now",
    "--! counter b_total -- how often",
    "--! server replica",
    "--! since 17",
  ];
  const text = file(lines).replace("returns a, b", "returns a, b_total");
  expect(plan(text)).toMatchObject([
    {
      metrics: [
        { column: "a", kind: "gauge", help: "what it is: now" },
        { column: "b_total", kind: "counter", help: "how often" },
      ],
      server: "replica",
      since: 17,
    },
  ]);
});

test("query file may name both databases, and no columns", () => {
  const text = file()
    .replace("database sark", "database sark_audit sark")
    .replace("a, b", "nothing");
  expect(plan(text)).toMatchObject([{ databases: ["sark", "sark_audit"], columns: [] }]);
});

test("query file accepts Windows line endings", () => {
  expect(plan(file().replaceAll("\n", "\r\n"))).toEqual(plan(file()));
});

test("query file takes the statement from another file", () => {
  const text = file(["--! body ../../maintenance/reindex.sql"], "");
  const [query] = plan(text, { "maintenance/reindex.sql": "-- what\nselect 3;\n" });
  expect(query?.sql).toBe("-- what\nselect 3");
});

test("queries are sorted by group and name", () => {
  const paths = ["queries/b/a.sql", "queries/a/c-d.sql", "queries/a/c.sql", "queries/a/b.sql"];
  const queries = planQueries(Object.fromEntries(paths.map((path) => [path, file()])));
  expect(queries.map(({ group, name }) => [group, name])).toEqual([
    ["a", "b"],
    ["a", "c"],
    ["a", "c-d"],
    ["b", "a"],
  ]);
});

test.each([
  ["no database", file().replace("--! database sark\n", ""), "its head lacks database"],
  ["no login", file().replace("--! login monitor\n", ""), "its head lacks login"],
  ["no columns", file().replace("--! returns a, b\n", ""), "its head lacks returns"],
  ["an unknown database", file().replace("sark\n", "other\n"), "allowed are sark, sark_audit"],
  ["an unknown login", file().replace("monitor", "root"), "allowed are monitor, readonly, app"],
  ["an unknown directive", file(["--! chnages"]), '"--! chnages" is invalid: allowed are'],
  ["a flag with a value", file(["--! changes nothing"]), "allowed are"],
  ["a directive twice", file(["--! login app"]), "login is given twice"],
  ["columns in capitals", file().replace("a, b", "A, b"), "columns are in lower case"],
  [
    "a timeout without a unit",
    file(["--! timeout 10"]),
    "a timeout is a number with ms, s, min or h",
  ],
  ["a parameter without meaning", file(["--! param who uuid"]), "write a parameter as"],
  [
    "an unknown type",
    file(["--! param who uid -- x"]),
    "a parameter's type is one of boolean, integer",
  ],
  [
    "an invalid default",
    file(["--! param n integer = ten -- x"]),
    "its default must be a whole number",
  ],
  [
    "a parameter declared twice",
    file(["--! param n integer -- x", "--! param n text -- y"]),
    "the parameter n is declared twice",
  ],
  ["a metric that it does not return", file(["--! gauge c -- x"]), "it lacks c"],
  ["a metric without meaning", file(["--! gauge a"]), "write a metric as"],
  ["a counter without _total", file(["--! counter a -- x"]), "the name of a counter ends"],
  ["an unknown server", file(["--! server stand-by"]), "allowed are any, primary, replica"],
  ["a version that is no number", file(["--! since v17"]), "a major version is a number"],
  ["no question", file().replace("it?", "it."), "with a question, ending"],
  ["no comment", `${HEAD.join("\n")}\n\nselect 1;`, "with a question, ending"],
  ["no statement", file([], ""), "no statement in the file"],
  [
    "a missing body file",
    file(["--! body ../../maintenance/x.sql"], ""),
    "no statement in maintenance/x.sql",
  ],
  ["two bodies", file(["--! body ../../maintenance/x.sql"]), "remove one of them"],
])("query file is rejected with %s", (_what, text, message) => {
  expect(() => plan(text)).toThrow(expect.objectContaining({ name: "UserError" }) as Error);
  expect(() => plan(text)).toThrow(message);
  expect(() => plan(text)).toThrow(PATH);
});

test.each(["queries/x.sql", "queries/a/B.sql", "queries/a/b_c.sql", "queries/a/b/c.sql"])(
  "query file is rejected with the name %s",
  (path) => {
    expect(() => planQueries({ [path]: file() })).toThrow(
      `${path}: invalid name; name the file like`,
    );
  },
);

test("query file is rejected when its name is used in two groups", () => {
  const paths = ["queries/a/one.sql", "queries/b/one.sql"];
  expect(() => planQueries(Object.fromEntries(paths.map((path) => [path, file()])))).toThrow(
    "one is in the groups a and b",
  );
});
