/**
 * A relay like the address of a Service: it forwards new connections to one server, later to another, and refuses them
 * in between.
 */
import { once } from "node:events";
import { type Server, type Socket, connect, createServer } from "node:net";
import { HOST, freePort } from "../../components/homes/local/processes/ports";

export class MovingRelay {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #target = 0;

  private constructor(readonly port: number) {}

  /** @param target port of the first server */
  static async start(target: number): Promise<MovingRelay> {
    const relay = new MovingRelay(await freePort());
    await relay.moveTo(target);
    return relay;
  }

  /**
   * Changes the server of new connections; open ones stay with theirs. @param target port; undefined to refuse new
   * connections
   */
  async moveTo(target: number | undefined): Promise<void> {
    if (target === undefined) {
      // The port is free at once; "close" comes only after the last open connection has ended.
      this.#server?.close();
      this.#server = undefined;
      return;
    }
    this.#target = target;
    if (this.#server !== undefined) return;
    this.#server = createServer((client) => {
      this.#relay(client);
    });
    this.#server.listen(this.port, HOST);
    await once(this.#server, "listening");
  }

  stop(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(client: Socket): void {
    const server = connect(this.#target, HOST);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", end);
      from.on("close", () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}
