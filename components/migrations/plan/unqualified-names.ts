import BUILT_IN from "../../sql-text/built-in-names.json";
import { EXTENSION_FUNCTIONS } from "../../sql-text/extension-names";
import { ownNames } from "../../sql-text/own-names";
import { TEMPORARY } from "../../sql-text/temporary-names";
import {
  unqualifiedNameMessage,
  findUnqualifiedNames,
  unqualifiedObjects,
} from "../../sql-text/unqualified-objects";
import { visitDescendants } from "../../sql-text/parse-tree";
import { MigrationError } from "./errors";
import type { MigrationFile } from "./migration-files";
import type { Statement } from "./statements";

/**
 * First unqualified name in each file that PostgreSQL would not find, or not allow to be created, on the runner's
 * search path. The check of a file ends where it sets its own search path, and skips functions and types that none of
 * these files creates.
 */
export function unqualifiedNames(
  work: readonly { readonly file: MigrationFile; readonly statements: readonly Statement[] }[],
): readonly MigrationError[] {
  const own = ownNames(work.flatMap(({ statements }) => statements));
  const known = {
    ...own,
    // When PostgreSQL has a function or type of the same name, that one may be meant.
    functions: without([...own.functions, ...EXTENSION_FUNCTIONS], BUILT_IN.functions),
    types: without([...own.types], BUILT_IN.types),
  };
  const namesIn = ({ node }: Statement): readonly string[] => [
    ...unqualifiedObjects(node),
    ...findUnqualifiedNames(node, known).map(({ name }) => name),
  ];
  return work.flatMap(({ file, statements }) => {
    const isTemporary = temporaryNames(statements);
    for (const statement of statements) {
      if (setsSearchPath(statement) && !("CreateFunctionStmt" in statement.node)) break;
      const name = namesIn(statement).find((each) => !isTemporary(each));
      if (name === undefined) continue;
      const why = `${file.name}:${statement.line}: ${unqualifiedNameMessage(name, known)}`;
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

/**
 * Predicate for names of a file's temporary relations, and of sequences, indexes and other objects that belong to them.
 */
function temporaryNames(statements: readonly Statement[]): (name: string) => boolean {
  const all = statements.flatMap(({ node, sql }) => {
    // The objects of a `do` block are found in its text.
    if ("DoStmt" in node) {
      return [...sql.matchAll(/\btemp(?:orary)?\s+\w+\s+(?:if\s+not\s+exists\s+)?"?(\w+)/gi)].map(
        ([, name = ""]) => name,
      );
    }
    const found: string[] = [];
    visitDescendants(node, (value) => {
      if (!("relname" in value)) return;
      const temporary = "relpersistence" in value && value.relpersistence === "t";
      if (temporary || ("schemaname" in value && value.schemaname === TEMPORARY)) {
        found.push(String(value.relname));
      }
    });
    // A view of a temporary relation is temporary.
    if (found.length > 0 && "ViewStmt" in node) found.push(node.ViewStmt.view?.relname ?? "");
    return found;
  });
  // Every statement that fills a table names it.
  const made = [...new Set(all)];
  return (name) => made.some((each) => name === each || name.startsWith(`${each}_`));
}

/** Whether a statement may look up names outside pg_catalog, because it sets the search path. */
export function setsSearchPath({ sql }: { readonly sql: string }): boolean {
  return /\bsearch_path\b/i.test(sql);
}
