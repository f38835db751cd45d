import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { freePort } from "../../components/homes/local/processes/ports";

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Warnings about objects that the server accepts. */
  readonly warnings: readonly string[];
}

const TOKEN = "a-token-of-this-test";

/** Whether `kube-apiserver` and `etcd` are on the PATH. */
export function apiServerIsHere(): boolean {
  return ["kube-apiserver", "etcd"].every(
    (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined,
  );
}

/** A Kubernetes API server for one test, without controllers and nodes: it validates and stores. */
export class ApiServer {
  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly processes: readonly ChildProcess[],
  ) {}

  static async start(): Promise<ApiServer> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-api-"));
    const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
    const store = `http://127.0.0.1:${client}`;
    const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = path.join(folder, "accounts.pem");
    fs.writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
    fs.writeFileSync(path.join(folder, "tokens"), `${TOKEN},test,test,"system:masters"\n`);
    const etcd = [
      ["data-dir", path.join(folder, "etcd")],
      ["listen-client-urls", store],
      ["advertise-client-urls", store],
      ["listen-peer-urls", `http://127.0.0.1:${peer}`],
    ];
    const api = [
      ["etcd-servers", store],
      ["secure-port", String(port)],
      ["bind-address", "127.0.0.1"],
      ["cert-dir", path.join(folder, "certificates")],
      ["service-account-issuer", "https://test"],
      ["service-account-key-file", key],
      ["service-account-signing-key-file", key],
      ["service-cluster-ip-range", "10.0.0.0/24"],
      ["token-auth-file", path.join(folder, "tokens")],
      ["authorization-mode", "AlwaysAllow"],
      // Without controllers no namespace gets its default account.
      ["disable-admission-plugins", "ServiceAccount"],
    ];
    const server = new ApiServer(port, folder, [
      start("etcd", etcd, folder),
      start("kube-apiserver", api, folder),
    ]);
    await server.#ready();
    return server;
  }

  async request(method: string, where: string, body?: unknown): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          host: "127.0.0.1",
          port: this.port,
          path: where,
          method,
          // Its certificate is self-signed and new.
          rejectUnauthorized: false,
          headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.on("end", () => {
            const warning = response.headers["warning"];
            resolve({
              status: response.statusCode ?? 0,
              body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text,
              warnings: typeof warning === "string" ? [warning] : [],
            });
          });
        },
      );
      request.on("error", reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async stop(): Promise<void> {
    for (const child of [...this.processes].reverse()) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    for (const end = Date.now() + 120_000; Date.now() < end; await pause(500)) {
      const answer = await this.request("GET", "/readyz").catch(() => undefined);
      if (answer?.status === 200) return;
    }
    const log = fs.readFileSync(path.join(this.folder, "kube-apiserver.log"), "utf8");
    throw new Error(`the API server did not start:\n${log.slice(-4000)}`);
  }
}

function start(program: string, flags: readonly string[][], folder: string): ChildProcess {
  const log = fs.openSync(path.join(folder, `${program}.log`), "w");
  const args = flags.map(([name, value]) => `--${String(name)}=${String(value)}`);
  return spawn(program, args, { stdio: ["ignore", log, log] });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
