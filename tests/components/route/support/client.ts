import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { Client } from "pg";
import { listenOnLoopback } from "../../../../components/route/loopback-port";
import { Relay } from "../../../../components/route/relay";
import type { Target } from "../../../../components/route/plan/targets";
import type { RoutedPostgres } from "./routed-postgres";

/** A relay of one test, and its clients. */
export class RelayClients {
  private constructor(
    readonly relay: Relay,
    readonly port: number,
    private readonly routed: RoutedPostgres,
  ) {}

  /** @param patience - milliseconds in which transient failures are retried */
  static async open(
    routed: RoutedPostgres,
    target: Target | Promise<Target>,
    patience = 0,
  ): Promise<RelayClients> {
    const listen = await listenOnLoopback();
    const relay = new Relay(listen, target, { patience });
    return new RelayClients(relay, listen.port, routed);
  }

  client(): Client {
    const { user, password } = this.routed.postgres;
    const { port } = this;
    const client = new Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
    client.on("error", () => undefined);
    return client;
  }

  async session<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.client();
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Error of a client that cannot connect; undefined when it can. */
  async refusal(): Promise<{ message: string; code: string | undefined } | undefined> {
    try {
      await this.session(() => Promise.resolve());
      return undefined;
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      return { message, code };
    }
  }

  /** Runs psql; it is interrupted when `interruptWhen` resolves. */
  async psql(
    args: readonly string[],
    { input = "", interruptWhen }: { input?: string; interruptWhen?: () => Promise<void> } = {},
  ): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const { user, password } = this.routed.postgres;
    const target = `host=127.0.0.1 port=${this.port} user=${user} dbname=postgres`;
    const child = spawn("psql", ["-X", "-q", "-A", "-t", ...args, "-d", target], {
      env: { ...process.env, PGPASSWORD: password },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    child.stdin.end(input);
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    if (interruptWhen) {
      await interruptWhen();
      child.kill("SIGINT");
    }
    return { status: await closed, ...output };
  }
}

/** Socket of the client; it has no public name. */
export function streamOf(client: Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
