import type { EventEmitter } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Duplex, PassThrough, Writable } from "node:stream";
import type * as library from "@kubernetes/client-node";
import type { ApiResponse } from "./api-error";

/** Milliseconds for the API to open the connection. */
const OPENING_TIMEOUT = 10_000;

/** Milliseconds between pings: load balancers close connections that are idle for a minute or more. */
const PING_INTERVAL = 30_000;

/** First byte of data sent to the port. */
const DATA = Buffer.of(0);

/** WebSocket close code of a regular end. */
const NORMAL_CLOSURE = 1000;

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Used part of a WebSocket of the package `ws`, which comes untyped with the client library. */
interface WebSocket extends EventEmitter {
  send(data: Buffer, sent: (error?: Error | null) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
}

/**
 * Opens a port-forward of the API. Of the library's own `PortForward` only the opening is used: it ignores
 * back-pressure and does not report the end of the connection, so a client would wait for ever.
 * @throws ApiResponse when the API rejects the request; the error of `ws` when it is unreachable
 */
export async function openPodStream(
  { PortForward }: typeof library,
  config: library.KubeConfig,
  { namespace, pod, port }: PodPort,
): Promise<Duplex> {
  const stream = new PodStream();
  let refuse: (answer: unknown) => void = () => undefined;
  const refusal = new Promise<never>((_, reject) => (refuse = reject));
  const options = {
    handshakeTimeout: OPENING_TIMEOUT,
    perMessageDeflate: false,
    finishRequest(request: ClientRequest, socket: EventEmitter) {
      request.on("socket", (connection) => {
        // Providers keep connections open until the program ends; they must not keep it running.
        connection.unref();
        connection.setKeepAlive(true, PING_INTERVAL);
      });
      socket.on("unexpected-response", (_: unknown, response: IncomingMessage) => {
        answerOf(response).then(refuse, refuse);
      });
      request.end();
    },
  };
  const opened = new PortForward(withOptions(config, options)).portForward(
    namespace,
    pod,
    [port],
    sink((data) => {
      stream.receive(data);
    }),
    sink((text) => stream.destroy(new Error(text.toString("utf8").trim()))),
    // Data is sent on the WebSocket itself, which reports when it was taken.
    new PassThrough(),
  );
  stream.attach((await Promise.race([opened, refusal])) as WebSocket);
  return stream;
}

/** Passes on written data at once; an empty write is the end of a channel's preamble. */
function sink(take: (data: Buffer) => void): Writable {
  return new Writable({
    write(data: Buffer, _, done) {
      if (data.length > 0) take(data);
      done();
    },
  });
}

/** The same kubeconfig with additional WebSocket options. */
function withOptions(config: library.KubeConfig, options: object): library.KubeConfig {
  const copy = Object.create(config) as library.KubeConfig;
  copy.applyToHTTPSOptions = async (given) => {
    await config.applyToHTTPSOptions(given);
    Object.assign(given, options);
  };
  return copy;
}

async function answerOf(response: IncomingMessage): Promise<ApiResponse> {
  response.setEncoding("utf8");
  let body = "";
  for await (const text of response) body += String(text);
  return { code: response.statusCode ?? 0, body };
}

/**
 * One forwarded connection. The protocol has no half-close: the far end sees the end of the data only when the stream
 * is destroyed. This suits PostgreSQL, whose sessions and TLS end with their own messages.
 */
class PodStream extends Duplex {
  #socket: WebSocket | undefined;
  #ping: NodeJS.Timeout | undefined;
  constructor() {
    super({ allowHalfOpen: false });
  }

  attach(socket: WebSocket): void {
    this.#socket = socket;
    socket.on("close", (code: number, reason: Buffer) => {
      const words = [`code ${code}`, ...(reason.length > 0 ? [reason.toString("utf8")] : [])];
      if (code === NORMAL_CLOSURE) this.push(null);
      else
        this.destroy(new Error(`the Kubernetes API closed the connection (${words.join(", ")})`));
    });
    socket.on("error", (error: Error) => this.destroy(error));
    this.#ping = setInterval(() => {
      socket.ping();
    }, PING_INTERVAL).unref();
    if (this.destroyed) this.#hangUp();
    else if (this.readableLength >= this.readableHighWaterMark) socket.pause();
  }

  receive(data: Buffer): void {
    if (!this.destroyed && !this.push(data)) this.#socket?.pause();
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket?.send(Buffer.concat([DATA, chunk]), done);
  }

  /** No half-close in the protocol: see above. */
  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#hangUp();
    done(error);
  }

  #hangUp(): void {
    clearInterval(this.#ping);
    if (this.#socket === undefined) return;
    this.#socket.close();
    this.#socket.terminate();
  }
}
