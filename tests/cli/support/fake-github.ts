/** A fake of the parts of GitHub's API that `tell` uses, behind a real socket. */
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { scratchFolder } from "./fakes";

interface PlayedPost {
  readonly id: number;
  readonly number?: number;
  readonly user: { readonly login: string };
  body: string;
  title?: string;
  state?: string;
  readonly pull_request?: object;
}

const TOKEN = "ghs_played";
const BOT = { login: "github-actions[bot]" };

export class FakeGitHub {
  readonly issues: PlayedPost[] = [];
  /** Comments of pull request 7 and of all issues. */
  readonly comments: PlayedPost[] = [];
  readonly #server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const right = request.headers.authorization === `Bearer ${TOKEN}`;
      const body = text === "" ? {} : (JSON.parse(text) as Partial<PlayedPost>);
      const url = new URL(request.url ?? "", "http://played");
      const answer = right ? this.#answer(request.method ?? "", url, body) : undefined;
      response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? "none"));
    });
  });

  /** Starts the server. @returns the environment of a run for a pull request */
  async start(): Promise<NodeJS.ProcessEnv> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    const event = path.join(scratchFolder(), "event.json");
    fs.writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));
    return {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "sark/databases",
      GITHUB_RUN_ID: "42",
      GITHUB_EVENT_PATH: event,
      GITHUB_TOKEN: TOKEN,
    };
  }

  stop(): void {
    this.#server.close();
  }

  /** Adds a post of another user, or an old one. */
  post(list: PlayedPost[], more: Partial<PlayedPost> & { readonly body: string }): PlayedPost {
    const id = 1000 + this.issues.length + this.comments.length;
    const number = list === this.issues ? { number: id, state: "open" } : {};
    const post = { id, user: BOT, ...number, ...more };
    list.push(post);
    return post;
  }

  #answer(method: string, url: URL, body: Partial<PlayedPost>): unknown {
    const root = "/repos/sark/databases/issues";
    if (!url.pathname.startsWith(root)) return undefined;
    const rest = url.pathname.slice(root.length);
    const page = (list: readonly PlayedPost[]) => {
      const size = Number(url.searchParams.get("per_page"));
      const first = (Number(url.searchParams.get("page")) - 1) * size;
      return list.slice(first, first + size);
    };
    const change = (list: readonly PlayedPost[], id: number) => {
      const found = list.find((post) => post.id === id);
      return found && Object.assign(found, body);
    };
    if (method === "GET" && rest === "")
      return page(this.issues.filter((one) => one.state === "open"));
    if (method === "POST" && rest === "") return this.post(this.issues, { body: "", ...body });
    if (/^\/\d+\/comments$/.test(rest)) {
      if (method === "GET") return rest === "/7/comments" ? page(this.comments) : [];
      return this.post(this.comments, { body: "", ...body });
    }
    if (method !== "PATCH") return undefined;
    const comment = /^\/comments\/(\d+)$/.exec(rest)?.[1];
    if (comment !== undefined) return change(this.comments, Number(comment));
    return change(this.issues, Number(rest.slice(1)));
  }
}
