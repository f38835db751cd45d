import { MigrationError } from "../../../components/migrations/plan/errors";
import { planFiles } from "../../../components/migrations/plan/migration-files";
import { pgbouncerProblems } from "../../../components/pool/plan/pgbouncer-ini";
import {
  printable,
  printableBlock,
  printableJson,
  printableLines,
  printableTail,
  quoted,
  shortened,
} from "../../../components/text/printable";
import { formatProblems } from "../../../components/text/problem";
import { HOSTILE, hiddenIn } from "../../support/hostile";

const ALL = Object.entries(HOSTILE);

describe.each(ALL)("printable text with %s", (_name, hostile) => {
  const value = `be${hostile}fore`;

  it("escapes it in text, lines, blocks, quotes and documents", () => {
    const texts = [printable, printableLines, printableBlock, printableTail, quoted, shortened];
    for (const shown of [...texts.map((make) => make(value)), printableJson({ [value]: value })]) {
      expect(hiddenIn(shown)).toEqual([]);
      expect(shown).toMatch(/be.*fore/);
    }
  });

  it("can be parsed back from quotes and documents", () => {
    expect(JSON.parse(quoted(value))).toBe(value);
    expect(JSON.parse(printableJson([value], 2))).toEqual([value]);
  });

  it("escapes it in key, value and allowed values of a problem", () => {
    const problem = { key: value, value, allowed: value, why: value };
    expect(hiddenIn(formatProblems([problem]))).toEqual([]);
  });

  it("escapes it in errors of migrations and PgBouncer's files", () => {
    const refused = [
      () => planFiles({ [`${value}.sql`]: "select 1;" }),
      () => planFiles({ "000001_a.sql": `--! ${value}\nselect 1;` }),
      () => {
        const databases = { sark: { host: `${value}\n` } };
        throw new Error(formatProblems(pgbouncerProblems({ version: "1.25.2", databases })));
      },
    ];
    for (const work of refused) {
      expect(work).toThrow(/be.*fore/);
      expect(hiddenIn(messageOf(work))).toEqual([]);
    }
  });
});

it.each(["plain", "naïve café", "表 👍 😀", "שלום سلام", "a'b\"c\\d"])(
  "printable keeps letters of all scripts: %s",
  (text) => {
    expect(printable(text)).toBe(text);
    expect(quoted(text)).toBe(JSON.stringify(text));
  },
);

it("printable escapes the joiners and the variation selector of an emoji", () => {
  expect(printable("👩\u200d👧 ❤\ufe0f")).toBe("👩\\u{200d}👧 ❤\\u{fe0f}");
});

it("printable has a short escape for line breaks and tabs, and code points for others", () => {
  expect(printable("a\n\r\t\0\u202e\u{e0041}")).toBe("a\\n\\r\\t\\u{0}\\u{202e}\\u{e0041}");
  expect(quoted("a\n\u202e\u{e0041}\ud800")).toBe('"a\\n\\u202e\\udb40\\udc41\\ud800"');
});

it("printable variants keep line breaks, and indent external text", () => {
  expect(printableLines("a\r\nb\tc\n\u001bd\n")).toBe("a\nb    c\n\\u{1b}d\n");
  expect(printableBlock("a\nDone.\n")).toBe("  a\n  Done.");
  expect(printableTail("a\nDone.\n", "    ")).toBe("a\n    Done.");
});

describe("long printable value", () => {
  it("is cut, with its length", () => {
    expect(quoted("x".repeat(100_000))).toBe(`"${"x".repeat(80)}…" (100000 characters)`);
    expect(quoted("x".repeat(80))).toBe(`"${"x".repeat(80)}"`);
    expect(quoted({ key: "x".repeat(500) }, 20)).toBe(`{"key":"xxxxxxxxxxxxx… (510 characters)`);
    expect(shortened("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
  });

  it.each(["😀", "\u202e", "\n", "\ud83d", '"', "\\", "\u{e0041}"])(
    "of %j is never cut inside a character or an escape",
    (character) => {
      for (let most = 5; most < 40; most += 1) {
        for (const shown of [
          shortened(character.repeat(99), most),
          quoted(character.repeat(99), most),
        ]) {
          expect(hiddenIn(shown)).toEqual([]);
          const whole = shown.replace(/^"|….*$/g, "");
          expect(whole).toMatch(/^(?:😀|\\u\{[0-9a-f]+\}|\\u[0-9a-f]{4}|\\[n"\\]|["\\])*$/u);
        }
      }
    },
  );
});

it.each([
  [undefined, "undefined"],
  [null, "null"],
  [12, "12"],
  [["a"], '["a"]'],
])("quoted shows %j as %s", (value, text) => {
  expect(quoted(value)).toBe(text);
});

it("MigrationError keeps line breaks and escapes hidden characters", () => {
  expect(hiddenIn(new MigrationError("failed", Object.values(HOSTILE).join("")).message)).toEqual(
    [],
  );
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}
