import type { SourceLine, ParsedStatement } from "../parsed";
import { OPTION_NAMESPACES } from "../model/timescale-calls";
import { names, walk } from "../../components/sql-text/parse-tree";
import { FUNCTIONS, INFORMATION_SCHEMAS, type Licence, OPTIONS } from "./features";

/** A use of a TimescaleDB function, option or view in a file. */
export interface Use extends SourceLine {
  /** `add_retention_policy()`, or `timescaledb.segmentby`. */
  readonly feature: string;
  /** Undefined if `features.ts` does not list it. */
  readonly licence: Licence | undefined;
}

/** Matches TimescaleDB's own schemas. */
const OWN_SCHEMA = /^_?timescaledb_/;

export function timescaleUses(statements: readonly ParsedStatement[]): readonly Use[] {
  const uses: Use[] = [];
  for (const statement of statements) {
    const { file } = statement;
    for (const { tree, lineAt } of [statement, ...statement.body]) {
      const add = (what: string, licence: Licence | undefined, location: number | undefined) =>
        uses.push({ feature: what, licence, file, line: lineAt(location) });
      walk(tree, {
        FuncCall: ({ funcname, location }) => {
          const parts = names(funcname);
          const name = parts.at(-1) ?? "";
          const [schema = "public"] = parts.slice(0, -1);
          if (schema === "public" && FUNCTIONS.has(name)) {
            add(`${name}()`, FUNCTIONS.get(name), location);
          } else if (OWN_SCHEMA.test(schema)) {
            add(`${parts.join(".")}()`, undefined, location);
          }
        },
        DefElem: ({ defnamespace = "", defname = "", location }) => {
          if (!OPTION_NAMESPACES.includes(defnamespace)) return;
          add(`${defnamespace}.${defname}`, OPTIONS.get(defname), location);
        },
        RangeVar: ({ schemaname = "", relname = "", location }) => {
          if (!OWN_SCHEMA.test(schemaname)) return;
          const shown = (INFORMATION_SCHEMAS as readonly string[]).includes(schemaname);
          add(`${schemaname}.${relname}`, shown ? "apache" : undefined, location);
        },
      });
    }
  }
  return uses;
}
