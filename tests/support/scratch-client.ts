import { Client } from "pg";
import { type ScratchPostgres, startScratchPostgres } from "../../scratch/scratch-postgres";

/** A server of these tests' own, and a superuser's session on it. */
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
