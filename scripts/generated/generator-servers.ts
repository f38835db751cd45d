/** Scratch servers for generating a file. */
import type { Client } from "pg";
import { withClient } from "../../components/connections/provider-connection";
import { type ScratchServer, startScratchPostgres } from "../../scratch/scratch-postgres";
import { startScratchTimescale } from "../../scratch/scratch-timescale";

/** Runs work as the superuser of a new PostgreSQL. */
export function withPostgres<T>(work: (client: Client) => Promise<T>): Promise<T> {
  return withServer(startScratchPostgres({ preload: ["pg_stat_statements"] }), "postgres", work);
}

/** Runs work as the superuser of a new TimescaleDB. */
export function withTimescale<T>(work: (client: Client) => Promise<T>): Promise<T> {
  return withServer(startScratchTimescale(), "sark_audit", work);
}

async function withServer<T>(
  starting: Promise<ScratchServer>,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const server = await starting;
  try {
    const { host, port, user, password } = server;
    return await withClient({ host, port, user, password, database, sslMode: "disable" }, work);
  } finally {
    await server.stop();
  }
}
