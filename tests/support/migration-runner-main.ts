/**
 * A migration runner as a process of its own, for tests that kill it. It takes commands as lines of JSON on its input,
 * one after the other, and answers each with a line; at a boundary where it is told to stop it says so and stays there.
 */
import { createInterface } from "node:readline";
import { Client, type ClientConfig } from "pg";
import type { Step } from "../../components/migrations/runner/attempt";
import { applyMigrations } from "../../components/migrations/runner/run";
import { planFiles } from "../../components/migrations/plan/migration-files";

export interface RunnerCommand {
  readonly connection: ClientConfig;
  /** File name to text. */
  readonly texts: Readonly<Record<string, string>>;
  readonly owner: string;
  /** How often a file is tried that meets others' locks. Default: the runner's own. */
  readonly lockTries?: number;
  /** Where to stop for ever. Default: nowhere. */
  readonly stopAt?: Step;
}

export type RunnerAnswer =
  /** Once, when the process has all it needs and waits for a command. */
  | { readonly kind: "ready" }
  /** At the boundary; the process with this id serves the session. */
  | { readonly kind: "stopped"; readonly backend: number }
  | { readonly kind: "done"; readonly applied: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

async function run(command: RunnerCommand): Promise<RunnerAnswer> {
  const { stopAt, owner, lockTries } = command;
  const client = new Client(command.connection);
  client.on("error", () => undefined);
  try {
    await client.connect();
    const applied = await applyMigrations(client, planFiles(command.texts), {
      owner,
      ledgerReaders: [],
      ...(lockTries === undefined ? {} : { lockTries }),
      onStep: async ({ file, before }) => {
        if (file !== stopAt?.file || before !== stopAt.before) return;
        const { rows } = await client.query<{ backend: number }>(
          "select pg_catalog.pg_backend_pid() as backend",
        );
        say({ kind: "stopped", backend: rows[0]?.backend ?? 0 });
        await new Promise(() => undefined);
      },
    });
    return { kind: "done", applied };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function say(answer: RunnerAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    void run(JSON.parse(line) as RunnerCommand).then(say);
  })
  // Whoever gave the commands is gone.
  .on("close", () => process.exit());
say({ kind: "ready" });
