/** A proxy that reads what the client sends, and cuts the connection at a chosen moment. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { HOST } from "../../components/homes/local/processes/ports";
import { type Message, MessageReader } from "../../components/homes/local/timescale/wire-protocol";

/** The fate of a statement. */
export type Fate =
  | "pass"
  /** The server does not get it, and the connection is cut. */
  | "lost"
  /** The server does not get it, and the connection stays. */
  | "held"
  /** The server executes it, and the reply is lost. */
  | "unanswered";

export class CuttingProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #fate: (statement: string) => Fate = () => "pass";
  #statements: string[] = [];

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (client) => {
      this.#serve(client);
    });
  }

  /** @param target port of the server on this machine */
  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    proxy.#server.listen(0, HOST);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy is closed");
    return address.port;
  }

  /** Sets the fate of each statement from now on, by its text. */
  setFate(fate: (statement: string) => Fate): void {
    this.#fate = fate;
  }

  /** The statements since the last call, in order. */
  takeStatements(): readonly string[] {
    const statements = this.#statements;
    this.#statements = [];
    return statements;
  }

  /** Cuts all connections, now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(client: Socket): void {
    const server = connect({ port: this.#target, host: HOST, noDelay: true });
    const reader = new MessageReader();
    let opened = false;
    let silenced = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    client.on("data", (piece) => {
      reader.push(piece);
      if (!opened) {
        if (reader.opening() === undefined) return;
        opened = true;
        server.write(piece);
        return;
      }
      for (let message = reader.message(); message; message = reader.message()) {
        const statement = statementOf(message);
        const fate = statement === undefined ? "pass" : this.#fate(statement);
        if (statement !== undefined) this.#statements.push(statement);
        if (fate === "lost") {
          end();
          return;
        }
        if (fate === "held") return;
        silenced ||= fate === "unanswered";
        server.write(message.bytes);
      }
    });
    server.on("data", (piece) => {
      // The first reply is that of the statement: the client sends the next one only after it.
      if (silenced) end();
      else client.write(piece);
    });
  }
}

/** The text of a simple query or of a prepared one. */
function statementOf({ type, bytes }: Message): string | undefined {
  if (type === "Q") return bytes.toString("utf8", 5, bytes.length - 1);
  if (type !== "P") return undefined;
  const [, text = ""] = bytes.toString("utf8", 5).split("\0");
  return text;
}
