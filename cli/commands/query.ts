import { bindQuery, valuesFor } from "../../components/queries/plan/bind-query";
import type { QueryFile } from "../../components/queries/plan/query-file";
import type { ServerOutput } from "../../components/outputs/outputs";
import { UserError, type Engine, type StackRef } from "../../engine/engine";
import { requireOutputs } from "./known-stack";
import { count } from "../../engine/names";
import { findQuery, listQueries } from "./query-files";
import { readQueries } from "../../components/queries/query-folder";
import { runQueryOnServer } from "./query-run";
import { type QueryResult, rowDocuments, tableLines } from "./query-table";
import { npmCommand as commandText, findLogin } from "../../engine/read-outputs";
import type { Probe } from "../status/status-probe";
import type { Terminal } from "../report/terminal";
import { printable } from "../../components/text/printable";

export interface QueryCommand {
  /** Undefined: lists all queries. */
  readonly name: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** Confirms a query that is not read-only. */
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** One of the query's databases. @default all of them, one after another */
  readonly database?: string | undefined;
}

/**
 * Lists the queries of `sql/queries`, or runs one. Returns 1 if it failed on a database.
 * @throws UserError before connecting: an unknown name, a missing or wrong parameter, a change without `--yes`
 */
export async function runQuery(
  command: QueryCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const queries = readQueries(ref.root);
  if (command.name === undefined) {
    await listQueries(queries, terminal);
    return 0;
  }
  const query = findQuery(queries, command.name);
  const databases = databasesFor(query, command.database);
  const bound = await bindQuery(query);
  const values = valuesFor(query, bound, command.params);
  if (query.changes && !command.yes) {
    throw new UserError(
      `${query.name} is not read-only: ${query.question} Nothing was done. ` +
        `To run it: ${commandText(`query ${query.name}`, ref.stack, "--yes")}`,
    );
  }

  const outputs = await requireOutputs(engine, ref, terminal);
  const answers: { readonly database: string; readonly answer: Probe<QueryResult> }[] = [];
  for (const database of databases) {
    const server = serverOf(Object.values(outputs.servers), database);
    const login = findLogin(outputs, `${database}_${query.login}`);
    answers.push({ database, answer: await runQueryOnServer(query, bound, values, server, login) });
  }
  if (command.json) {
    await terminal.document({
      query: query.name,
      answers: answers.map(({ database, answer }) => ({ database, ...documentOf(answer) })),
    });
  } else for (const { database, answer } of answers) print(database, answer, terminal);
  return answers.every(({ answer }) => answer.up) ? 0 : 1;
}

function databasesFor(query: QueryFile, wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return query.databases;
  const found = query.databases.filter((database) => database === wanted);
  if (found.length > 0) return found;
  throw new UserError(
    `${query.name} does not run on ${wanted}; allowed: ${query.databases.join(", ")}.`,
  );
}

function serverOf(servers: readonly ServerOutput[], database: string): ServerOutput {
  const server = servers.find((each) => each.database === database);
  if (server !== undefined) return server;
  throw new UserError(`The stack has no server with the database ${database}.`);
}

function documentOf(answer: Probe<QueryResult>): object {
  if (!answer.up) return { error: answer.error };
  return {
    columns: answer.facts.columns.map(({ name }) => name),
    rows: rowDocuments(answer.facts),
  };
}

function print(database: string, answer: Probe<QueryResult>, terminal: Terminal): void {
  terminal.line(terminal.paint("bold", database));
  if (!answer.up) terminal.line(terminal.paint("red", `Failed: ${printable(answer.error)}`));
  else if (answer.facts.columns.length === 0) terminal.line("done");
  else {
    for (const line of tableLines(answer.facts)) terminal.line(line);
    terminal.line(count(answer.facts.rows.length, "row"));
  }
  terminal.line();
}
