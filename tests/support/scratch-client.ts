import { Client } from "pg";
import { type ScratchPostgres, startScratchPostgres } from "../../scratch/scratch-postgres";

/** Starts a server for the tests of a file, with a session of the superuser. */
export function scratchClient(): () => Client {
  let server: ScratchPostgres | undefined;
  let client: Client;
  beforeAll(async () => {
    server = await startScratchPostgres();
    client = new Client({ connectionString: server.connectionString });
    await client.connect();
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await server?.stop();
  });
  return () => client;
}
