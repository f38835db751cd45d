/** What a running PgBouncer says of itself, by its read-only console. */
import { connectClient } from "../../../connections/connect";
import { HOST } from "./ports";

export interface ConsoleLogin {
  readonly user: string;
  readonly password: string;
}

/** One command of the console. */
async function ask(
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
 * What differs between the wanted and the running configuration: entries that are not served, and
 * numbers that are others. Words are not compared, as the console spells some in its own way.
 */
export async function differences(
  port: number,
  login: ConsoleLogin,
  entries: readonly string[],
  numbers: Readonly<Record<string, number>>,
): Promise<string[]> {
  const served = new Set((await ask(port, login, "show databases")).map(({ name }) => name));
  const config = new Map(
    (await ask(port, login, "show config")).map(({ key, value }) => [key, value]),
  );
  return [
    ...entries.filter((name) => !served.has(name)).map((name) => `databases.${name}`),
    ...Object.entries(numbers)
      .filter(([key, value]) => config.has(key) && Number(config.get(key)) !== value)
      .map(([key]) => key),
  ];
}
