/** Reads the configuration of a running PgBouncer from its console, as a read-only user. */
import { connectClient } from "../../../connections/connect";
import { HOST } from "./ports";

export interface ConsoleLogin {
  readonly user: string;
  readonly password: string;
}

/** Runs one console command. */
async function runCommand(
  port: number,
  login: ConsoleLogin,
  command: "show config" | "show databases",
): Promise<Record<string, unknown>[]> {
  const client = await connectClient({
    host: HOST,
    port,
    ...login,
    database: "pgbouncer",
    connectionTimeoutMillis: 5000,
  });
  try {
    return (await client.query<Record<string, unknown>>(command)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Differences between the wanted and the running configuration: missing entries, and numbers that differ. Text is not
 * compared, because the console formats some values differently.
 */
export async function configurationDifferences(
  port: number,
  login: ConsoleLogin,
  entries: readonly string[],
  numbers: Readonly<Record<string, number>>,
): Promise<string[]> {
  const served = new Set((await runCommand(port, login, "show databases")).map(({ name }) => name));
  const config = new Map(
    (await runCommand(port, login, "show config")).map(({ key, value }) => [key, value]),
  );
  return [
    ...entries.filter((name) => !served.has(name)).map((name) => `databases.${name}`),
    ...Object.entries(numbers)
      .filter(([key, value]) => config.has(key) && Number(config.get(key)) !== value)
      .map(([key]) => key),
  ];
}
