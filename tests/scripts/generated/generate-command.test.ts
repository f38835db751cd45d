import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../engine/engine";
import { generate, staleFiles } from "../../../scripts/generated/generate-command";
import type { Generated } from "../../../scripts/generated/list";
import { pageWithParts } from "../../../scripts/generated/page-parts";
import { dumpDifferences } from "../../../scripts/generated/schema/golden-dumps";

const PAGE: Generated = {
  name: "page",
  files: ["docs/page.md"],
  make: () => Promise.resolve({ "docs/page.md": "one\ntwo\n" }),
};
const DUMP: Generated = {
  name: "dump",
  files: ["dump.txt"],
  starts: "a server",
  make: () => Promise.resolve({ "dump.txt": "table public.a\n  column b text\n" }),
  differences: dumpDifferences,
};
const FOREIGN: Generated = { ...PAGE, name: "foreign", platform: "aix" };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sark-generate-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

async function said(...names: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await generate(root, names, (text) => lines.push(text), [PAGE, DUMP, FOREIGN]);
  return lines;
}

describe("npm run generate", () => {
  it("writes every file, and prints which are new and which are unchanged", async () => {
    expect(await said("page")).toEqual(["docs/page.md: new"]);
    expect(readFileSync(join(root, "docs/page.md"), "utf8")).toBe("one\ntwo\n");
    expect(await said()).toEqual([
      "docs/page.md: unchanged",
      "dump: starts a server",
      "dump.txt: new",
      "  + table public.a",
      "foreign: skipped, it can be generated only on aix",
    ]);
  });

  it("prints which objects of a dump changed", async () => {
    writeFileSync(join(root, "dump.txt"), "table public.a\n  column b integer\n");
    expect(await said("dump")).toEqual([
      "dump: starts a server",
      "dump.txt: changed",
      "  ~ table public.a",
      "      - column b integer",
      "      + column b text",
    ]);
  });

  it("refuses an unknown name, suggests the nearest one, and writes nothing", async () => {
    const run = said("page", "dumb");
    await expect(run).rejects.toBeInstanceOf(UsageError);
    await expect(run).rejects.toThrow(
      /unknown name "dumb".*"dump"\? Allowed: page, dump, foreign\./,
    );
    expect(await staleFiles(root, PAGE)).toHaveLength(1);
  });
});

describe("the check for stale files", () => {
  it.each([
    ["one\nthree\n", '2 is stale: run npm run generate -- page. It has "three" instead of "two".'],
    ["one\ntwo\nx\n", '3 is stale: run npm run generate -- page. It has "x" instead of "".'],
    ["", '1 is stale: run npm run generate -- page. It has "" instead of "one".'],
  ])("reports the first differing line and the command for %j", async (text, message) => {
    await said("page");
    expect(await staleFiles(root, PAGE)).toEqual([]);
    writeFileSync(join(root, "docs/page.md"), text);
    expect(await staleFiles(root, PAGE)).toEqual([`docs/page.md:${message}`]);
  });
});

describe("a page with generated parts", () => {
  const page = "By hand.\n\n<!-- generated: a -->\n\nold\n\n<!-- /generated -->\n\nBy hand.\n";
  beforeEach(() => {
    writeFileSync(join(root, "page.md"), page);
  });

  it("keeps its handwritten text", () => {
    expect(pageWithParts(root, "page.md", { a: "new $&" })).toBe(
      page.replace("old", () => "new $&"),
    );
  });

  it.each([[{}], [{ b: "new" }], [{ a: "new", b: "new" }]])(
    "is refused if the code generates other parts: %j",
    (parts) => {
      expect(() => pageWithParts(root, "page.md", parts)).toThrow(
        /^page\.md: has the generated parts a; expected: /,
      );
    },
  );
});
