import * as fs from "node:fs";
import * as path from "node:path";
import { queriesPage } from "./queries-page";
import { schemaPages } from "./schema-pages";
import { settingsPage } from "./settings-page";

/** File to text of every generated page. @param root the project's folder */
export function generatedPages(root: string): Readonly<Record<string, string>> {
  const dump = (database: string) =>
    fs.readFileSync(path.join(root, "sql", `${database}.golden.txt`), "utf8");
  return {
    "docs/settings.md": settingsPage(),
    "docs/queries.md": queriesPage(),
    ...schemaPages({ sark: dump("sark"), sark_audit: dump("sark_audit") }),
  };
}
