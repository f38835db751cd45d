import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../components/route/support/relay-certificates";

/** An S3-compatible storage for tests, which lists the first key below a prefix. */
export class FakeStorage {
  /** Bucket and key, with a slash between. */
  readonly objects = new Set<string>();
  /** Paths with query of all requests. */
  readonly requests: string[] = [];
  /** The header `Authorization` of each request. */
  readonly authorizations: string[] = [];
  /** HTTP status of every answer. */
  status = 200;

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {
    server.on("request", ({ url = "", headers }, response) => {
      this.requests.push(url);
      this.authorizations.push(headers.authorization ?? "");
      const { pathname, searchParams } = new URL(url, endpoint);
      const below = `${pathname.slice(1)}/${searchParams.get("prefix") ?? ""}`;
      const found = [...this.objects].filter((key) => key.startsWith(below)).slice(0, 1);
      const contents = found.map(
        (key) => `<Contents><Key>${key.replace(/^[^/]+\//, "")}</Key></Contents>`,
      );
      response.writeHead(this.status, { "content-type": "application/xml" });
      response.end(
        `<ListBucketResult><KeyCount>${found.length}</KeyCount>${contents.join("")}</ListBucketResult>`,
      );
    });
  }

  static async start({ cert, key }: Certificate): Promise<FakeStorage> {
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new FakeStorage(server, `https://127.0.0.1:${port}`);
  }

  reset(): void {
    this.objects.clear();
    this.requests.length = 0;
    this.authorizations.length = 0;
    this.status = 200;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}
