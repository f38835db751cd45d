import BUILT_IN from "../../sql-text/built-in-names.json";
import { EXTENSION_FUNCTIONS } from "../../sql-text/extension-names";
import { ownNames } from "../../sql-text/own-names";
import { TEMPORARY } from "../../sql-text/temporary-names";
import { hasNoSchema, unqualifiedIn, unqualifiedObjects } from "../../sql-text/unqualified-objects";
import { eachBelow } from "../../sql-text/walk";
import { MigrationError } from "./errors";
import type { MigrationFile } from "./migration-files";
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
  const known = {
    ...own,
    // Where PostgreSQL has one of the same name, that may well be meant.
    functions: without([...own.functions, ...EXTENSION_FUNCTIONS], BUILT_IN.functions),
    types: without([...own.types], BUILT_IN.types),
  };
  const namesIn = ({ node }: Statement): readonly string[] => [
    ...unqualifiedObjects(node),
    ...unqualifiedIn(node, known).map(({ name }) => name),
  ];
  return work.flatMap(({ file, statements }) => {
    const isTemporary = temporaryNames(statements);
    for (const statement of statements) {
      if (setsSearchPath(statement) && !("CreateFunctionStmt" in statement.node)) break;
      const name = namesIn(statement).find((each) => !isTemporary(each));
      if (name === undefined) continue;
      const why = `${file.name}:${statement.line}: ${hasNoSchema(name, known)}`;
      return [new MigrationError("unqualified", why)];
    }
    return [];
  });
}

function without(names: readonly string[], others: readonly string[]): ReadonlySet<string> {
  const left = new Set(names);
  for (const name of others) left.delete(name);
  return left;
}

/** Whether a name is that of something temporary in a file, or of a sequence, an index or the like that belongs to it. */
function temporaryNames(statements: readonly Statement[]): (name: string) => boolean {
  const all = statements.flatMap(({ node, sql }) => {
    // What a block does is read from its text.
    if ("DoStmt" in node) {
      return [...sql.matchAll(/\btemp(?:orary)?\s+\w+\s+(?:if\s+not\s+exists\s+)?"?(\w+)/gi)].map(
        ([, name = ""]) => name,
      );
    }
    const found: string[] = [];
    eachBelow(node, (value) => {
      if (!("relname" in value)) return;
      const temporary = "relpersistence" in value && value.relpersistence === "t";
      if (temporary || ("schemaname" in value && value.schemaname === TEMPORARY)) {
        found.push(String(value.relname));
      }
    });
    // A view of something temporary is temporary.
    if (found.length > 0 && "ViewStmt" in node) found.push(node.ViewStmt.view?.relname ?? "");
    return found;
  });
  // A table is named by each statement that fills it.
  const made = [...new Set(all)];
  return (name) => made.some((each) => name === each || name.startsWith(`${each}_`));
}

/** Whether names may be looked up elsewhere than in pg_catalog, by what it sets itself. */
export function setsSearchPath({ sql }: { readonly sql: string }): boolean {
  return /\bsearch_path\b/i.test(sql);
}
