import { type Socket, connect } from "node:net";
import { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { ScramHandshake } from "../route/scram-handshake";
import { ServerMessages } from "../route/server-messages";
import { upgradeToTls } from "../route/server-session";

/**
 * Replaces the driver's socket. It does TLS itself, to see the log-in, and passes only SCRAM-SHA-256 requests on to the
 * driver, which would answer any request.
 */
export class GuardedStream extends Duplex {
  readonly #tls: ConnectionOptions | undefined;
  #socket: Socket | undefined;
  /** The socket, or the TLS session on it. */
  #transport: Socket | undefined;
  #messages: ServerMessages | undefined;
  #opened = false;

  /** @param tls TLS options; undefined for none */
  constructor(tls: ConnectionOptions | undefined) {
    super({ allowHalfOpen: false });
    this.#tls = tls;
  }

  /** Whether the TCP connection was established. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Connects to a host and port, or to a Unix socket. */
  connect(portOrPath: number | string, host = "localhost"): this {
    const local = typeof portOrPath === "string";
    const where = local ? portOrPath : `${host}:${portOrPath}`;
    const socket = local ? connect(portOrPath) : connect({ port: portOrPath, host, noDelay: true });
    this.#socket = socket;
    socket.once("error", (error) => this.destroy(error));
    socket.once("connect", () => {
      this.#opened = true;
      const tls = this.#tls;
      if (tls === undefined) {
        this.#open(socket, where);
        return;
      }
      upgradeToTls({ connection: socket, description: where }, { server: host, tls }).then(
        ({ connection }) => {
          this.#open(connection, where);
        },
        (error: unknown) => this.destroy(error instanceof Error ? error : undefined),
      );
    });
    return this;
  }

  #open(transport: Socket, where: string): void {
    const messages = new ServerMessages(new ScramHandshake(where));
    this.#transport = transport;
    this.#messages = messages;
    messages.on("data", (data: Buffer) => {
      if (!this.push(data)) messages.pause();
    });
    messages.once("end", () => this.push(null));
    transport.on("error", (error: Error) => this.destroy(error));
    transport.once("close", () => messages.end());
    transport.pipe(messages);
    this.emit("connect");
  }

  override _read(): void {
    this.#messages?.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#transport?.write(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#transport?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#transport?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#transport?.destroy();
    this.#socket?.destroy();
    done(error);
  }

  /** Called by the driver; it is always set. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(on: boolean, milliseconds?: number): this {
    this.#socket?.setKeepAlive(on, milliseconds);
    return this;
  }

  ref(): this {
    this.#socket?.ref();
    return this;
  }

  unref(): this {
    this.#socket?.unref();
    return this;
  }
}
