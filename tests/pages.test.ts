/** Markdown pages: links to existing files and headings, and a limit for the length of lines. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deadLinks, longLines } from "./support/page-faults";

const ROOT = join(__dirname, "..");

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name))
    .sort(),
];

function read(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

describe("pages", () => {
  it.each(pages)("%s has no dead link", (page) => {
    expect(deadLinks(ROOT, page, read(page))).toEqual([]);
  });

  it("have no prose line over 160 characters and no table row over 200", () => {
    expect(pages.flatMap((page) => longLines(page, read(page)))).toEqual([]);
  });
});

describe("deadLinks", () => {
  const page = "docs/page.md";
  const text = [
    "# A `page` of `<names>`",
    "## Twice",
    "## Twice",
    "[whole](security.md), [part](security.md#digests), [here](#twice-1), [top](#a-page-of-names)",
    "[folder](examples), [web](https://example.com/none.md#none), `[code](none.md)`",
    "```\n[block](none.md)\n```",
  ].join("\n");

  it("accepts links to files, folders and headings that exist", () => {
    expect(deadLinks(ROOT, page, text)).toEqual([]);
  });

  it.each([
    ["a file", "[a](none.md)", "none.md: the file does not exist"],
    ["a picture", "![a](none.png)", "none.png: the file does not exist"],
    ["a heading of another page", "[a](security.md#none)", "security.md#none: no such heading"],
    ["a heading of the same page", "[a](#twice-2)", "#twice-2: no such heading"],
    ["a definition", "[a][b]\n\n[b]: none.md", "none.md: the file does not exist"],
    ["a cell of a table", "\n| a |\n| - |\n| [a](none.md) |", "none.md: the file does not exist"],
    ["a place outside of the project", "[a](../../x)", "../../x: the file does not exist"],
  ])("finds a dead link to %s", (_, link, fault) => {
    expect(deadLinks(ROOT, page, `${text}\n\n${link}`)).toEqual([
      expect.stringMatching(/^docs\/page\.md:(10|13): /),
    ]);
    expect(deadLinks(ROOT, page, link)[0]).toContain(fault);
  });
});

describe("longLines", () => {
  const row = (length: number) => `| ${"a".repeat(length - 4)} |`;

  it.each([
    ["a line of 160 characters", "a".repeat(160)],
    ["a code block with a longer one", `\`\`\`\n${"a".repeat(161)}\n\`\`\``],
    ["a table row of 200 characters", `${row(9)}\n| --- |\n${row(200)}`],
  ])("accepts %s", (_, text) => {
    expect(longLines("page.md", text)).toEqual([]);
  });

  it.each([
    ["a line of 161 characters", `a\n${"a".repeat(161)}`, "page.md:2: 161 characters, at most 160"],
    ["one in a list", `- ${"a".repeat(160)}`, "page.md:1: 162 characters, at most 160"],
    [
      "a row of 201 characters",
      `| a |\n| - |\n${row(201)}`,
      "page.md:3: 201 characters, at most 200",
    ],
  ])("finds %s", (_, text, fault) => {
    expect(longLines("page.md", text)).toEqual([fault]);
  });
});
