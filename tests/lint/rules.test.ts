import { RULES } from "../../lint/rules/rules";
import { examples, foundIn, places } from "./example";

const ALL = examples();
const BAD = ALL.filter(({ bad }) => bad);
const GOOD = ALL.filter(({ bad }) => !bad);

it.each(RULES.map(({ name }) => name))("lint rule %s has a bad and a good example", (name) => {
  expect(BAD.map(({ rule }) => rule)).toContain(name);
  expect(GOOD.map(({ rule }) => rule)).toContain(name);
});

it("every example of the lint belongs to an existing rule", () => {
  const names = [...RULES.map(({ name }) => name), "runner"];
  expect(ALL.map(({ rule }) => rule).filter((rule) => !names.includes(rule))).toEqual([]);
});

it.each(RULES.map(({ name, reason }) => [name, reason]))(
  "lint rule %s has a reason",
  (_, reason) => {
    expect(reason).toMatch(/^[A-Z].{40,}\.$/);
  },
);

describe("only its rule reports a bad example, at the marked lines", () => {
  it.each(BAD.map((example) => [example.name, example] as const))("%s", async (_, example) => {
    expect(example.refused).not.toEqual([]);
    const found = await foundIn(example);
    expect(places(found)).toEqual(
      places(example.refused.map(({ line }) => ({ rule: example.finding, line }))),
    );
    for (const { line, words } of example.refused) {
      const texts = found.filter((each) => each.line === line).map(({ text }) => text);
      expect(texts).toContainEqual(expect.stringContaining(words));
    }
  });
});

describe("no rule reports a good example", () => {
  it.each(GOOD.map((example) => [example.name, example] as const))("%s", async (_, example) => {
    expect(example.refused).toEqual([]);
    expect(await foundIn(example)).toEqual([]);
  });
});
