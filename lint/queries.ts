import * as fs from "node:fs";
import * as path from "node:path";
import { hasSqlDetails, loadModule, parseSync } from "libpg-query";
import { readText } from "../components/migrations/migration-folder";
import { refusalFinding } from "./lint-database";
import type { Finding } from "./findings";

const FOLDER = "sql/queries";

/** psql's variables: `:name`, `:'name'` and `:"name"`, but not a cast. */
const VARIABLE = /(?<!:):(?:'\w+'|"\w+"|[a-z]\w*)/g;

/** Syntax errors in the queries of `npm run query`. Their results are tested on a server elsewhere. */
export async function queryFindings(
  root: string,
): Promise<{ readonly files: number; readonly findings: readonly Finding[] }> {
  await loadModule();
  const folder = path.join(root, FOLDER);
  const names = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }) : [];
  const files = names
    .map(String)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return {
    files: files.length,
    findings: files.flatMap((name) => {
      try {
        const found = syntaxError(readText(folder, name));
        const file = `${FOLDER}/${name.split(path.sep).join("/")}`;
        return found === undefined ? [] : [{ file, rule: "syntax", ...found }];
      } catch (error) {
        return [refusalFinding(error, FOLDER)];
      }
    }),
  };
}

/** Replaces each variable with a parameter, and parses. The parser counts characters, not bytes. */
function syntaxError(text: string): Pick<Finding, "line" | "text"> | undefined {
  const sql = text.replace(VARIABLE, "$1");
  try {
    parseSync(sql);
    return undefined;
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const before = Array.from(sql).slice(0, error.sqlDetails?.cursorPosition ?? 0);
    return { line: before.join("").split("\n").length, text: `PostgreSQL says: ${error.message}.` };
  }
}
