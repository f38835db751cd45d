import { withPostgres } from "./generator-servers";

/** components/sql-text/built-in-names.json: the functions and types in a new server's catalog. */
export function builtInNames(): Promise<string> {
  return withPostgres(async (client) => {
    const { rows } = await client.query<{ functions: string[]; types: string[] }>(`
      select (select array_agg(distinct proname::text order by proname::text) from pg_proc
               where pronamespace = 'pg_catalog'::regnamespace) as functions,
             (select array_agg(typname::text order by typname::text) from pg_type
               where typnamespace = 'pg_catalog'::regnamespace and typelem = 0 and typtype <> 'c') as types`);
    return `${JSON.stringify(rows[0])}\n`;
  });
}
