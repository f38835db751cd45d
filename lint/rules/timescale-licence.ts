import { EXTENSION_FUNCTIONS } from "../../components/sql-text/extension-names";
import type { RuleContext, Objection, Rule } from "../rule";
import { FUNCTIONS } from "../timescale/features";
import { timescaleUses } from "../timescale/uses";
import { names, walk } from "../../components/sql-text/parse-tree";
import { ownNames } from "../../components/sql-text/own-names";

export const timescaleLicence: Rule = {
  name: "timescale-licence",
  reason:
    "The servers of database sark have no TimescaleDB. For sark_audit the preview names the licence that the schema needs, " +
    "so the licence of each function and option must be known.",
  check: (context) => {
    const uses = timescaleUses(context.statements);
    if (context.database.name === "sark") {
      return [
        ...uses.map(({ feature, file, line }) => ({
          file,
          line,
          text: `Remove ${feature}: the servers of database sark do not have TimescaleDB.`,
        })),
        ...unknownFunctions(context),
      ];
    }
    return [
      ...uses.flatMap(({ feature, licence, file, line }) =>
        licence === undefined ? [{ file, line, text: addToTable(feature) }] : [],
      ),
      ...unknownFunctions(context),
    ];
  },
};

function addToTable(what: string): string {
  return (
    `The licence of ${what} is unknown: check whether TimescaleDB's source has it below tsl/, and add it to ` +
    `lint/timescale/features.ts.`
  );
}

/** Objections to functions of schema public that neither a migration nor a known extension creates. */
function unknownFunctions({ statements }: RuleContext): readonly Objection[] {
  const known = new Set([
    ...EXTENSION_FUNCTIONS,
    ...FUNCTIONS.keys(),
    ...ownNames(statements).functions,
  ]);
  const objections: Objection[] = [];
  for (const statement of statements) {
    for (const { tree, lineAt } of [statement, ...statement.body]) {
      walk(tree, {
        FuncCall: ({ funcname, location }) => {
          const [schema, name] = names(funcname);
          if (schema !== "public" || name === undefined || known.has(name)) return;
          const text =
            `No file creates public.${name}(), and no known extension has it: create it, or add it to ` +
            `lint/timescale/features.ts or, for another extension, to components/sql-text/extension-names.ts.`;
          objections.push({ file: statement.file, line: lineAt(location), text });
        },
      });
    }
  }
  return objections;
}
