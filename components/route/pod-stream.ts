import type { EventEmitter } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Duplex, PassThrough, Writable } from "node:stream";
import type * as library from "@kubernetes/client-node";
import type { Answer } from "./api-error";

/** Milliseconds for the API to open the connection. */
const OPENING_TIMEOUT = 10_000;

/** Milliseconds between signs of life: load balancers close connections that are silent for a minute or more. */
const PING_INTERVAL = 30_000;

/** First byte of what is sent to the port. */
const DATA = Buffer.of(0);

/** WebSocket's code for an end that was meant. */
const NORMAL_CLOSURE = 1000;

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** What is used of a WebSocket of the package `ws`, which comes with the client library and without types. */
interface WebSocket extends EventEmitter {
  send(data: Buffer, sent: (error?: Error | null) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
}

/**
 * Opens the API's port-forward. Of the library's own `PortForward` only the opening is used: it heeds no back-pressure
 * and tells nobody of the connection's end, so that a client would wait for ever.
 * @throws Answer when the API refuses; what `ws` reports when it cannot be reached
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
        // Providers keep their connections until the program ends: these must not keep it from ending.
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
    // What is sent goes to the WebSocket itself, which says when it was taken.
    new PassThrough(),
  );
  stream.attach((await Promise.race([opened, refusal])) as WebSocket);
  return stream;
}

/** Hands on what is written at once; what is empty is the rest of a channel's preamble. */
function sink(take: (data: Buffer) => void): Writable {
  return new Writable({
    write(data: Buffer, _, done) {
      if (data.length > 0) take(data);
      done();
    },
  });
}

/** The same kubeconfig, with options for the WebSocket besides those that it gives itself. */
function withOptions(config: library.KubeConfig, options: object): library.KubeConfig {
  const copy = Object.create(config) as library.KubeConfig;
  copy.applyToHTTPSOptions = async (given) => {
    await config.applyToHTTPSOptions(given);
    Object.assign(given, options);
  };
  return copy;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  response.setEncoding("utf8");
  let body = "";
  for await (const text of response) body += String(text);
  return { code: response.statusCode ?? 0, body };
}

/**
 * One forwarded connection. The protocol has no half-close: the far end sees the end of what was written only when
 * the stream is destroyed, which suits PostgreSQL, whose sessions and TLS say goodbye in their own words.
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
      else this.destroy(new Error(`the Kubernetes API broke off (${words.join(", ")})`));
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

  /** Nothing to say it with: see above. */
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
