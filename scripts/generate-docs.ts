/** Writes the pages that are made from code and from the golden dumps: `npm run docs`. A test compares them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../components/project-root";
import { generatedPages } from "./pages";

const root = projectRoot();
for (const [file, page] of Object.entries(generatedPages(root))) {
  fs.writeFileSync(path.join(root, file), page);
}
