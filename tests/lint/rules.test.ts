import { RULES } from "../../lint/rules/rules";
import { examples, foundIn, places } from "./example";

const ALL = examples();
const BAD = ALL.filter(({ bad }) => bad);
const GOOD = ALL.filter(({ bad }) => !bad);

it.each(RULES.map(({ name }) => name))("%s has a bad and a good example", (name) => {
  expect(BAD.map(({ rule }) => rule)).toContain(name);
  expect(GOOD.map(({ rule }) => rule)).toContain(name);
});

it("has no example of a rule that does not exist", () => {
  const names = [...RULES.map(({ name }) => name), "runner"];
  expect(ALL.map(({ rule }) => rule).filter((rule) => !names.includes(rule))).toEqual([]);
});

it.each(RULES.map(({ name, reason }) => [name, reason]))("%s says why", (_, reason) => {
  expect(reason).toMatch(/^[A-Z].{40,}\.$/);
});

describe("a bad example is found by its rule alone, where it is marked", () => {
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

describe("nothing is found in a good example", () => {
  it.each(GOOD.map((example) => [example.name, example] as const))("%s", async (_, example) => {
    expect(example.refused).toEqual([]);
    expect(await foundIn(example)).toEqual([]);
  });
});
