import * as fs from "node:fs";
import * as path from "node:path";
import { generatedPages } from "../scripts/pages";

const root = path.join(__dirname, "..");

it.each(Object.entries(generatedPages(root)))("%s is what `npm run docs` makes", (file, page) => {
  expect(fs.readFileSync(path.join(root, file), "utf8")).toBe(page);
});
