import { EXTENSION_FUNCTIONS } from "../../components/sql-text/extension-names";
import { ownNames } from "../../components/sql-text/own-names";
import {
  unqualifiedNameMessage,
  findUnqualifiedNames,
  unqualifiedObjects,
} from "../../components/sql-text/unqualified-objects";
import type { RuleContext, Rule } from "../rule";
import { FUNCTIONS } from "../timescale/features";

export const schemaQualified: Rule = {
  name: "schema-qualified",
  reason:
    "The runner and the functions have the search_path pg_catalog. Other names are not found without their schema; in a " +
    "function body, the error appears only when it is called.",
  check: ({ statements }: RuleContext) => {
    const own = ownNames(statements);
    const functions = new Set([...own.functions, ...EXTENSION_FUNCTIONS, ...FUNCTIONS.keys()]);
    const known = { ...own, functions };
    return statements.flatMap((statement) => {
      const { file, line, node, body } = statement;
      return [
        ...unqualifiedObjects(node).map((name) => ({ name, line })),
        ...[statement, ...body].flatMap(({ tree, lineAt }) =>
          findUnqualifiedNames(tree, known, TAKES_RELATION).map(({ name, location }) => ({
            name,
            line: lineAt(location),
          })),
        ),
      ].map((found) => ({
        file,
        line: found.line,
        text: `${unqualifiedNameMessage(found.name, known)}.`,
      }));
    });
  },
};

/** TimescaleDB functions that take a relation's name as a string. */
const TAKES_RELATION = new Set(
  [...FUNCTIONS.keys()].filter((name) =>
    /^(create_hypertable|show_chunks|drop_chunks|refresh_continuous_aggregate|(add|remove)_(dimension|.*_policy)|set_.*|(hypertable|chunks?|approximate)_.*|(enable|disable)_chunk_skipping)$/.test(
      name,
    ),
  ),
);
