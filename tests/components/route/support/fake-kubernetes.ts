/**
 * Fake Kubernetes API for tests. HTTPS with a token, answers by path, and port-forward by WebSocket (subprotocol
 * v4.channel.k8s.io, as kubelets and container runtimes speak it), bridged to a real server.
 */
import { EventEmitter, once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Server, createServer } from "node:https";
import { createRequire } from "node:module";
import { type AddressInfo, type Socket, connect } from "node:net";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { temporaryFolder } from "../../../../scratch/scratch-postgres";
import { CertificateAuthority } from "./relay-certificates";

const TOKEN = "a-token-of-this-test";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Real address behind a pod's port. */
export interface ForwardedPort {
  /** Address that stands for the pod's port. */
  readonly host: string;
  readonly port: number;
}

interface WebSocket extends EventEmitter {
  send(data: Buffer, sent?: () => void): void;
  close(code?: number): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

interface WebSocketServer {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (socket: WebSocket) => void,
  ): void;
}

// The package comes untyped with the client library.
const ws = createRequire(__filename)("ws") as {
  WebSocketServer: new (options: object) => WebSocketServer;
};

export class FakeKubernetes {
  readonly kubeconfig: string;
  /** Requested paths with query. */
  readonly requests: string[] = [];
  /** Open forwarded connections. */
  readonly forwarded = new Set<WebSocket>();
  readonly #answers = new Map<string, () => Answer>();
  readonly #pods = new Map<string, ForwardedPort | string>();
  readonly #authority: CertificateAuthority;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #upgrades = new ws.WebSocketServer({
    noServer: true,
    handleProtocols: (offered: ReadonlySet<string>) =>
      offered.has("v4.channel.k8s.io") ? "v4.channel.k8s.io" : false,
  });

  private constructor(authority: CertificateAuthority) {
    this.#authority = authority;
    this.kubeconfig = join(temporaryFolder("sark-kubeconfig-"), "config");
    const { cert, key } = authority.issue(["IP:127.0.0.1"]);
    this.#server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    this.#server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    this.#server.on("request", (request, response) => {
      this.#answer(request, response);
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
  }

  static async start(): Promise<FakeKubernetes> {
    const fake = new FakeKubernetes(new CertificateAuthority("kubernetes"));
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    const { port } = fake.#server.address() as AddressInfo;
    fake.#writeKubeconfig(`https://127.0.0.1:${port}`);
    return fake;
  }

  /** Clears all answers, pods and requests. */
  reset(): this {
    this.#answers.clear();
    this.#pods.clear();
    this.requests.length = 0;
    return this;
  }

  /** Sets the answer for a path, without its query. */
  on(path: string, answer: Answer | (() => Answer)): this {
    this.#answers.set(path, typeof answer === "function" ? answer : () => answer);
    return this;
  }

  /** Connects a pod's port to an address; a string is an error that the node reports instead. */
  forward(pod: string, to: ForwardedPort | string): this {
    this.#pods.set(pod, to);
    return this;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await once(this.#server, "close");
    this.#authority.remove();
    rmSync(dirname(this.kubeconfig), { recursive: true, force: true });
  }

  #writeKubeconfig(server: string): void {
    const authority = Buffer.from(this.#authority.pem).toString("base64");
    const cluster = { server, "certificate-authority-data": authority };
    writeFileSync(
      this.kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "test",
        clusters: [{ name: "test", cluster }],
        users: [{ name: "test", user: { token: TOKEN } }],
        contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      }),
      { mode: 0o600 },
    );
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { status, body } = this.#find(request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }

  #find({ url = "", headers }: IncomingMessage): Answer {
    this.requests.push(decodeURIComponent(url));
    if (headers.authorization !== `Bearer ${TOKEN}`) return failure(401, "Unauthorized");
    const path = new URL(url, "https://kubernetes").pathname;
    return this.#answers.get(path)?.() ?? failure(404, `${path} not found`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? "", "https://kubernetes");
    const pod = /\/pods\/([^/]+)\/portforward$/.exec(pathname)?.[1] ?? "";
    const to = this.#pods.get(pod);
    if (to === undefined || this.#answers.has(pathname)) {
      const { status, body } = this.#find(request);
      const text = JSON.stringify(body);
      socket.end(
        `HTTP/1.1 ${status} No\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
      return;
    }
    this.requests.push(request.url ?? "");
    this.#upgrades.handleUpgrade(request, socket, head, (channel) => {
      this.forwarded.add(channel);
      channel.once("close", () => this.forwarded.delete(channel));
      bridge(channel, Number(searchParams.get("ports")), to);
    });
  }
}

/** An error answer in the API's format. */
export function failure(code: number, message: string): Answer {
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", message, code },
  };
}

export function list(items: readonly unknown[]): Answer {
  return { status: 200, body: { kind: "List", apiVersion: "v1", metadata: {}, items } };
}

function bridge(channel: WebSocket, port: number, to: ForwardedPort | string): void {
  const preamble = Buffer.alloc(2);
  preamble.writeUInt16LE(port);
  const send = (number: number, data: Buffer, sent?: () => void): void => {
    channel.send(Buffer.concat([Buffer.of(number), data]), sent);
  };
  send(0, preamble);
  send(1, preamble);
  const fail = (reason: string): void => {
    send(1, Buffer.from(`error forwarding port ${port} to pod: ${reason}`));
    channel.close(1000);
  };
  if (typeof to === "string") {
    fail(to);
    return;
  }
  const pod = connect({ ...to, allowHalfOpen: true });
  channel.on("message", (message: Buffer) => {
    if (message[0] === 0 && !pod.write(message.subarray(1))) {
      channel.pause();
      pod.once("drain", () => {
        channel.resume();
      });
    }
  });
  channel.on("close", () => pod.destroy());
  pod.on("data", (data) => {
    pod.pause();
    send(0, data, () => pod.resume());
  });
  pod.on("error", (error) => {
    fail(error.message);
  });
  pod.on("end", () => {
    channel.close(1000);
  });
}
