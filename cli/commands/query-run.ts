import type { Client } from "pg";
import type { BoundQuery } from "../../components/queries/plan/bind-query";
import type { QueryFile } from "../../components/queries/plan/query-file";
import { parseDuration } from "../../components/text/units";
import type { LoginOutput, ServerOutput } from "../../components/outputs/outputs";
import type { QueryResult } from "./query-table";
import { withRoute } from "../status/routes";
import { probeConfig, probe, type Probe } from "../status/status-probe";

/** Runs a query on one server, on a separate connection. */
export function runQueryOnServer(
  query: QueryFile,
  bound: BoundQuery,
  values: readonly string[],
  server: ServerOutput,
  login: LoginOutput,
): Promise<Probe<QueryResult>> {
  const work = { name: "query", takes: parseDuration(query.timeout) };
  return withRoute(server, server.sslMode, (way) =>
    probe(probeConfig(server, way, login, work), (session) =>
      answer(session, query, bound, values, server),
    ),
  );
}

async function answer(
  session: Client,
  query: QueryFile,
  bound: BoundQuery,
  values: readonly string[],
  server: ServerOutput,
): Promise<QueryResult> {
  await session.query(openingOf(query, `${server.database}_owner`));
  await requireExtensions(session, query);
  const { fields, rows } = await session.query<(string | null)[]>({
    // Named, and so prepared: a single statement whose values are bound and never part of its text.
    name: query.name,
    text: bound.text,
    values: [...values],
    rowMode: "array",
    types: { getTypeParser: () => (value: unknown) => value },
  });
  if (query.transaction) await session.query("commit");
  return { columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows };
}

/** Starts the session: times in UTC, no user functions on the search_path, read-only unless the query makes changes. */
function openingOf({ transaction, changes, timeout, login }: QueryFile, owner: string): string {
  const scope = transaction ? "local" : "session";
  return [
    ...(transaction ? [changes ? "begin read write" : "begin read only"] : []),
    // This login has no privileges of the owner before SET ROLE.
    ...(login === "migrate" ? [`set ${scope} role ${owner}`] : []),
    `set ${scope} search_path = pg_catalog, pg_temp`,
    `set ${scope} timezone = 'UTC'`,
    `set ${scope} datestyle = 'ISO'`,
    `set ${scope} statement_timeout = '${timeout}'`,
  ].join(";\n");
}

async function requireExtensions(session: Client, { extensions }: QueryFile): Promise<void> {
  if (extensions.length === 0) return;
  const { rows } = await session.query<{ name: string }>(
    `select w.name from pg_catalog.unnest($1::text[]) as w (name)
      where not exists (select from pg_catalog.pg_extension as e where e.extname = w.name)`,
    [extensions],
  );
  if (rows.length === 0) return;
  const missing = rows.map(({ name }) => name).join(", ");
  throw new Error(`the query needs the extension ${missing}, which this server does not have`);
}
