import type { QueryFile } from "../../components/queries/plan/query-file";
import { UserError } from "../../engine/engine";
import { count } from "../../engine/names";
import type { Terminal } from "../report/terminal";
import { quoted } from "../../components/text/printable";
import { suggestion } from "../../components/text/suggestion";

/** @throws UserError with a similar name, if any */
export function findQuery(queries: readonly QueryFile[], name: string): QueryFile {
  const query = queries.find((each) => each.name === name);
  if (query !== undefined) return query;
  const near = suggestion(
    name,
    queries.map((each) => each.name),
  );
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new UserError(`There is no query ${quoted(name)}.${hint} \`npm run query\` lists all.`);
}

/** Prints all queries by group, one line each. */
export async function listQueries(
  queries: readonly QueryFile[],
  terminal: Terminal,
): Promise<void> {
  if (terminal.json) {
    const documented = queries.map(({ sql, ...rest }) => rest);
    return terminal.document({ queries: documented });
  }
  const width = Math.max(...queries.map(({ name }) => name.length));
  for (const [group, members] of byGroup(queries)) {
    terminal.line(terminal.paint("bold", group));
    for (const { name, question, changes } of members) {
      terminal.line(`  ${name.padEnd(width)}  ${question}${changes ? " (--yes)" : ""}`);
    }
    terminal.line();
  }
  terminal.line(
    `${count(queries.length, "name")}. Run one with npm run query NAME; docs/queries.md describes each.`,
  );
}

export function byGroup(queries: readonly QueryFile[]): ReadonlyMap<string, readonly QueryFile[]> {
  const groups = new Map<string, QueryFile[]>();
  for (const query of queries) {
    const members = groups.get(query.group) ?? [];
    members.push(query);
    groups.set(query.group, members);
  }
  return groups;
}
