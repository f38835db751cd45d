import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { type ScratchPostgres, startScratchPostgres } from "../../../../scratch/postgres";

const FILE = join(__dirname, "../../../../components/lib/sql/built-in-names.json");

let server: ScratchPostgres;
beforeAll(async () => {
  server = await startScratchPostgres();
});
afterAll(() => server.stop());

/** Again, for another major version: UPDATE_BUILT_IN_NAMES=1 npx jest tests/components/lib/sql/built-in-names */
it("are the names of the functions and types in the server's catalog", async () => {
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  const { rows } = await client.query<{ functions: string[]; types: string[] }>(`
    select (select array_agg(distinct proname::text order by proname::text) from pg_proc
             where pronamespace = 'pg_catalog'::regnamespace) as functions,
           (select array_agg(typname::text order by typname::text) from pg_type
             where typnamespace = 'pg_catalog'::regnamespace and typelem = 0 and typtype <> 'c') as types`);
  await client.end();
  const text = `${JSON.stringify(rows[0])}\n`;
  if (process.env["UPDATE_BUILT_IN_NAMES"] === "1") writeFileSync(FILE, text);
  expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(rows[0]);
});
