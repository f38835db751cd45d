/**
 * A migration runner in a separate process, for tests that kill it. It reads commands as lines of JSON from its input,
 * and answers each with a line. At the step where it is told to stop it reports so and stays there.
 */
import { createInterface } from "node:readline";
import { Client, type ClientConfig } from "pg";
import type { Boundary } from "../../components/migrations/runner/attempt";
import { applyMigrations } from "../../components/migrations/runner/run";
import { planFiles } from "../../components/migrations/plan/migration-files";

export interface RunnerCommand {
  readonly connection: ClientConfig;
  /** File name to text. */
  readonly texts: Readonly<Record<string, string>>;
  readonly owner: string;
  /** Attempts for a file that meets locks of others. Default: that of the runner. */
  readonly lockTries?: number;
  /** The step to stop at for ever. Default: none. */
  readonly stopAt?: Boundary;
}

export type RunnerAnswer =
  /** Once, when the process is ready for a command. */
  | { readonly kind: "ready" }
  /** Stopped at the step; `backend` is the process id of the session. */
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
  // The parent process has ended.
  .on("close", () => process.exit());
say({ kind: "ready" });
