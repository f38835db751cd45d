/** Every file and folder that a page names exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Paths in code spans that begin with a folder of the project. */
function pathsIn(page: string): readonly string[] {
  return pathsOf(readFileSync(join(ROOT, page), "utf8"));
}

function pathsOf(text: string): readonly string[] {
  return [...text.matchAll(/`([\w.@-]+)(\/[\w.@/-]*)`/g)].flatMap(([, folder = "", rest = ""]) =>
    folders.includes(folder) ? [`${folder}${rest}`] : [],
  );
}

const pages = ["README.md", "CONTRIBUTING.md", ...readdirSync(join(ROOT, "docs")).map(inDocs)]
  .filter((page) => page.endsWith(".md"))
  .filter((page) => pathsIn(page).length > 0);

function inDocs(name: string): string {
  return join("docs", name);
}

it.each(pages)("%s names only existing files and folders", (page) => {
  // Excludes files that a command or the page's reader writes, which a fresh clone lacks.
  const named = pathsIn(page).filter(
    (path) => !/^(\.sark|node_modules|components\/homes\/hosted)\//.test(path),
  );
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

describe("docs/architecture.md", () => {
  const page = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  const [, section = ""] = page.split("\n## Three traces through the code\n");
  const [walks = ""] = section.split("\n## ");
  /** Blocks of numbered lines. */
  const lists = walks.split("\n\n").filter((part) => /^\d+\. /.test(part));

  it("traces size.memory into three homes, a password and a migration file", () => {
    expect(lists).toHaveLength(5);
  });

  it.each(lists.map((list, index) => [index + 1, list] as const))(
    "names each file only once in list %d",
    (_, list) => {
      const files = list
        .split("\n")
        .flatMap((line) => pathsOf(line.split(" ").slice(0, 2).join(" ")));
      expect(files.length).toBeGreaterThan(2);
      expect(files).toEqual([...new Set(files)]);
    },
  );
});
