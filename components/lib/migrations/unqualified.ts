import { EXTENSION_FUNCTIONS } from "../sql/extension-names";
import { ownNames } from "../sql/own-names";
import { hasNoSchema, unqualifiedIn, unqualifiedObjects } from "../sql/unqualified";
import { MigrationError } from "./errors";
import type { MigrationFile } from "./files";
import type { Statement } from "./statements";

/**
 * The first name in each file that has no schema, and that PostgreSQL would not find, or not be let make, on the runner's
 * search path. From where a file sets a path of its own, nobody knows; nor of a function or a type that none of these files
 * makes.
 */
export function unqualifiedNames(
  work: readonly { readonly file: MigrationFile; readonly statements: readonly Statement[] }[],
): readonly MigrationError[] {
  const own = ownNames(work.flatMap(({ statements }) => statements));
  const known = { ...own, functions: new Set([...own.functions, ...EXTENSION_FUNCTIONS]) };
  const nameIn = ({ node }: Statement): string | undefined =>
    unqualifiedObjects(node)[0] ?? unqualifiedIn(node, known)[0]?.name;
  return work.flatMap(({ file, statements }) => {
    for (const statement of statements) {
      if (setsSearchPath(statement) && !("CreateFunctionStmt" in statement.node)) break;
      const name = nameIn(statement);
      if (name === undefined) continue;
      const why = `${file.name}:${statement.line}: ${hasNoSchema(name, known)}`;
      return [new MigrationError("unqualified", why)];
    }
    return [];
  });
}

/** Whether names may be looked up elsewhere than in pg_catalog, by what it sets itself. */
export function setsSearchPath({ sql }: { readonly sql: string }): boolean {
  return /\bsearch_path\b/i.test(sql);
}
