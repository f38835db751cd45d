/** An S3 store on this machine, and barman-cloud, as the sidecar of the Barman Cloud plugin has it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { withLock } from "../../components/files/process-lock";
import { freePort } from "../../components/homes/local/processes/ports";

const TOOLS = join(__dirname, "..", "..", ".sark", "tools");

/** Barman without its dependencies: psycopg2-binary stands in for psycopg2, which would have to be compiled. */
const BARMAN = [
  // The newest one needs Python 3.12.
  'barman==3.20.0; python_version >= "3.12"',
  'barman==3.19.1; python_version < "3.12"',
];
/** The system's: other users have to reach it, since jobs run as a user of their own. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

const OTHERS = [
  "boto3>=1.43,<2",
  "lz4==4.4.5",
  "zstandard==0.25.0",
  "python-dateutil==2.9.0.post0",
  "psycopg2-binary==2.9.12",
  "moto[s3,server]==5.2.5",
];

/** Folder with barman-cloud's programs and `python3`. In CI its absence is an error; elsewhere it is undefined. */
export function barmanPrograms(): string | undefined {
  const wanted = [...BARMAN, ...OTHERS].join("\n");
  const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 12);
  const folder = join(TOOLS, `barman-${hash}`);
  const mark = join(folder, ".complete");
  mkdirSync(TOOLS, { recursive: true });
  const failed = withLock(`${folder}.lock`, () => {
    if (existsSync(mark)) return undefined;
    const pip = [join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check"];
    const found =
      run(PYTHON, "-m", "venv", "--clear", folder) ??
      run(...pip, ...OTHERS) ??
      run(...pip, "--no-deps", ...BARMAN);
    if (found === undefined) writeFileSync(mark, "");
    return found;
  });
  if (failed === undefined) return join(folder, "bin");
  const text = `barman-cloud and moto cannot be installed: ${failed}`;
  if ((process.env["CI"] ?? "") !== "") throw new Error(text);
  console.warn(`${text}; the tests that need them are skipped`);
  return undefined;
}

function run(...[program = "", ...args]: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? undefined : `${program}: ${error?.message ?? stderr}`;
}

/** The store's keys; it accepts any. */
export const STORE_KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" } as const;

/** A store with one bucket. */
export class ObjectStore {
  private constructor(
    readonly url: string,
    readonly bucket: string,
    private readonly server: ChildProcess,
  ) {}

  /** @param programs folder of {@link barmanPrograms} */
  static async start(programs: string, bucket: string): Promise<ObjectStore> {
    const port = await freePort();
    const server = spawn(join(programs, "moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
    });
    const store = new ObjectStore(`http://127.0.0.1:${port}`, bucket, server);
    for (;;) {
      try {
        await store.request("PUT", "");
        return store;
      } catch (error) {
        if (server.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  }

  async keys(prefix = ""): Promise<readonly string[]> {
    const body = await this.request("GET", `?list-type=2&prefix=${prefix}`);
    return [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
  }

  /** Uploads that were neither completed nor aborted. */
  async unfinished(): Promise<number> {
    const body = await this.request("GET", "?uploads");
    return [...body.toString().matchAll(/<UploadId>/g)].length;
  }

  get(key: string): Promise<Buffer> {
    return this.request("GET", `/${key}`);
  }

  async put(key: string, body: Buffer): Promise<void> {
    await this.request("PUT", `/${key}`, body);
  }

  async delete(key: string): Promise<void> {
    await this.request("DELETE", `/${key}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.server, "exit");
    this.server.kill();
    await ended;
  }

  private async request(method: string, path: string, body?: Buffer): Promise<Buffer> {
    const client = new AwsClient({
      accessKeyId: STORE_KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: STORE_KEYS.AWS_SECRET_ACCESS_KEY,
      service: "s3",
      region: "us-east-1",
      retries: 0,
    });
    const answer = await client.fetch(`${this.url}/${this.bucket}${path}`, {
      method,
      ...(body ? { body: new Uint8Array(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }
}
