/** Pages name files and folders of the project: each of them exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Paths in code spans that begin with a folder of the project. */
function pathsIn(page: string): readonly string[] {
  const spans = readFileSync(join(ROOT, page), "utf8").matchAll(/`([\w.@-]+)(\/[\w.@/-]*)`/g);
  return [...spans].flatMap(([, folder = "", rest = ""]) =>
    folders.includes(folder) ? [`${folder}${rest}`] : [],
  );
}

const pages = ["README.md", "CONTRIBUTING.md", ...readdirSync(join(ROOT, "docs")).map(inDocs)]
  .filter((page) => page.endsWith(".md"))
  .filter((page) => pathsIn(page).length > 0);

function inDocs(name: string): string {
  return join("docs", name);
}

it.each(pages)("%s names only what exists", (page) => {
  // What a command writes is not there on a fresh clone.
  const named = pathsIn(page).filter((path) => !/^(\.sark|node_modules)\//.test(path));
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
