import * as fs from "node:fs";
import * as path from "node:path";
import { planQueries, type QueryFile } from "./plan/query-file";

/** Reads the named queries of a checkout. @throws QueryError if a file's header is not valid */
export function readQueries(root: string): readonly QueryFile[] {
  const folder = path.join(root, "sql");
  const names = ["queries", "maintenance"].flatMap((part) =>
    fs
      .readdirSync(path.join(folder, part), { recursive: true, encoding: "utf8" })
      .map((name) => path.posix.join(part, name.replaceAll(path.sep, "/"))),
  );
  const files = names.filter((name) => name.endsWith(".sql"));
  return planQueries(
    Object.fromEntries(
      files.map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]),
    ),
  );
}
