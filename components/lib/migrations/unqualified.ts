import { EXTENSION_FUNCTIONS } from "../sql/extension-names";
import { ownNames } from "../sql/own-names";
import { hasNoSchema, unqualifiedIn, unqualifiedObjects } from "../sql/unqualified";
import { MigrationError } from "./errors";
import type { MigrationFile } from "./files";
import type { Statement } from "./statements";

/** Statements with names that are no relations of this database, or that PostgreSQL gives a schema itself. */
const OF_THEIR_OWN = ["CreateSchemaStmt", "ImportForeignSchemaStmt"];

/**
 * Refuses names without a schema that PostgreSQL would not find, or not be let make, on the runner's search path. From where
 * a file sets a path of its own, nobody knows; nor of a function or a type that none of these files makes.
 * @throws MigrationError
 */
export function refuseUnqualified(
  work: readonly { readonly file: MigrationFile; readonly statements: readonly Statement[] }[],
): void {
  const own = ownNames(work.flatMap(({ statements }) => statements));
  const known = { ...own, functions: new Set([...own.functions, ...EXTENSION_FUNCTIONS]) };
  for (const { file, statements } of work) {
    const end = statements.findIndex(setsSearchPath);
    for (const { node, line } of statements.slice(0, end < 0 ? undefined : end)) {
      if (OF_THEIR_OWN.some((tag) => tag in node)) continue;
      const [name = unqualifiedIn(node, known)[0]?.name] = unqualifiedObjects(node);
      if (name === undefined) continue;
      throw new MigrationError("unqualified", `${file.name}:${line}: ${hasNoSchema(name, known)}`);
    }
  }
}

function setsSearchPath({ node, sql }: Statement): boolean {
  return !("CreateFunctionStmt" in node) && /\bsearch_path\b/i.test(sql);
}
