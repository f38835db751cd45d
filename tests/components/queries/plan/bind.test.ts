import { bindQuery, valuesFor } from "../../../../components/queries/plan/bind-query";
import { planQueries, type QueryFile } from "../../../../components/queries/plan/query-file";
import {
  isParameterType,
  allowedValues,
} from "../../../../components/queries/plan/parameter-types";

const HEAD = "--! database sark\n--! login monitor\n--! returns a\n";

function query(sql: string, ...parameters: readonly string[]): QueryFile {
  const lines = parameters.map((text) => `--! param ${text} -- some thing\n`).join("");
  const [only] = planQueries({ "queries/a/named.sql": `${HEAD}${lines}\n-- What?\n\n${sql}` });
  if (only === undefined) throw new Error("there is one");
  return only;
}

test("bindQuery replaces names by numbers, the same number for the same name", async () => {
  const bound = await bindQuery(
    query("select :b, :a where x = :b limit :limit", "a text", "b uuid", "limit integer"),
  );
  expect(bound.text).toBe("select $1::uuid, $2::text where x = $1::uuid limit $3::integer");
  expect(bound.parameters.map(({ name }) => name)).toEqual(["b", "a", "limit"]);
});

test("bindQuery does not change strings, comments, casts, slices and assignments", async () => {
  const sql = `select ':a', $q$ :a $q$, "x:a", e'\\':a', x::text, y[1 : z], f(b := 1) /* :a */ -- :a\n, :a`;
  const bound = await bindQuery(query(sql, "a text"));
  expect(bound.text).toBe(sql.replace(/:a$/, "$1::text"));
});

test("bindQuery counts bytes as the scanner does", async () => {
  const bound = await bindQuery(query("select 'ä€😀', :a, 'ü', :a", "a text"));
  expect(bound.text).toBe("select 'ä€😀', $1::text, 'ü', $1::text");
});

test.each([
  ["an undeclared name", query("select :a, :b", "a text"), ":b is used but not declared"],
  ["an unused parameter", query("select ':a'", "a text"), "declared but not used: a"],
  ["invalid SQL", query("select 'a"), "scanner cannot parse it as SQL"],
])("bindQuery rejects %s", async (_what, file, message) => {
  await expect(bindQuery(file)).rejects.toThrow(message);
});

describe("parameter values", () => {
  const file = query("select :n, :who, :n", "n integer = 5", "who uuid");
  const NOBODY = "00000000-0000-0000-0000-000000000000";
  const values = async (given: Record<string, string>) =>
    valuesFor(file, await bindQuery(file), given);

  test("are in the order of the numbers, with defaults for omitted ones", async () => {
    expect(await values({ who: NOBODY })).toEqual(["5", NOBODY]);
    expect(await values({ who: NOBODY, n: "-7" })).toEqual(["-7", NOBODY]);
  });

  test("are rejected with all problems at once", async () => {
    await expect(values({ n: "1.5", whom: NOBODY })).rejects.toThrow(
      "named: unknown parameter whom; allowed: n, who\n" +
        'named: n: got "1.5"; allowed: a whole number from -2147483648 to 2147483647; some thing\n' +
        "named: missing --param who=..., a value of type uuid: some thing",
    );
  });

  test("with names of JavaScript's object members are unknown", async () => {
    await expect(values({ who: NOBODY, toString: "x" })).rejects.toThrow(
      "unknown parameter toString",
    );
    expect(isParameterType("toString")).toBe(false);
  });
});

test.each([
  ["boolean", ["true", "false"], ["yes", "", "TRUE"]],
  ["integer", ["0", "-2147483648", "2147483647"], ["2147483648", "-2147483649", "1e3", "", " 1"]],
  [
    "interval",
    ["7 days", "1 day", "90minutes", "1.5 hours", "10s"],
    ["7", "days", "-1 day", "1 day; drop"],
  ],
  ["jsonb", ['["a"]', "null", '{"a": 1}'], ["", "{a: 1}", "'a'"]],
  ["text", ["", "'; drop table users; --", "ä"], ["a\0b"]],
  [
    "timestamptz",
    [
      "2026-01-31",
      "2026-01-31 12:00Z",
      "2026-01-31T12:00:59.123456+02:00",
      "infinity",
      "-infinity",
      "2024-02-29",
    ],
    [
      "yesterday",
      "2026-02-30",
      "2025-02-29",
      "2026-13-01",
      "2026-01-31 24:30",
      "2026-01-31 12:60",
      "31.1.2026",
      "",
    ],
  ],
  [
    "uuid",
    ["D4900811-2741-43b7-9e95-4c2d6b02125e"],
    ["d4900811", "", "d4900811-2741-43b7-9e95-4c2d6b02125g"],
  ],
] as const)(
  "parameter type %s accepts its values and rejects others",
  (type, accepted, refused) => {
    for (const value of accepted)
      expect([value, allowedValues(type, value)]).toEqual([value, undefined]);
    for (const value of refused)
      expect([value, typeof allowedValues(type, value)]).toEqual([value, "string"]);
  },
);
