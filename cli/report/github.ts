import * as fs from "node:fs";
import { z } from "zod";
import { UserError } from "../../engine/engine";
import { shortened } from "../../components/text/printable";

/** The fields of a comment or an issue that are read here. */
const POST = z.object({
  number: z.number().optional(),
  id: z.number(),
  body: z.string().nullable(),
  user: z.object({ login: z.string() }).nullable(),
  pull_request: z.unknown().optional(),
});
type Post = z.infer<typeof POST>;

const EVENT = z.object({ pull_request: z.object({ number: z.number() }) });

/** The user that posts with a workflow's token. */
const BOT_LOGIN = "github-actions[bot]";

const PAGE = 100;

/** Comments and issues of the repository of a workflow run, whose environment variables it reads. */
export class GitHub {
  constructor(private readonly env: Readonly<NodeJS.ProcessEnv>) {}

  /** URL of the run. */
  get run(): string {
    return `${this.#need("GITHUB_SERVER_URL")}/${this.#repository}/actions/runs/${this.#need("GITHUB_RUN_ID")}`;
  }

  /** The pull request that the run is for. */
  get pullRequest(): number {
    const event: unknown = JSON.parse(fs.readFileSync(this.#need("GITHUB_EVENT_PATH"), "utf8"));
    const found = EVENT.safeParse(event);
    if (found.success) return found.data.pull_request.number;
    throw new UserError("This run is not for a pull request, so it cannot comment on one.");
  }

  /** The first post in a list that the bot wrote and that begins so; posts of other users never match. */
  async find(list: string, beginning: string): Promise<Post | undefined> {
    for (let page = 1; ; page += 1) {
      const joint = list.includes("?") ? "&" : "?";
      const answer = await this.#request("GET", `${list}${joint}per_page=${PAGE}&page=${page}`);
      const posts = z.array(POST).parse(answer);
      const found = posts.find(
        ({ user, body, pull_request }) =>
          user?.login === BOT_LOGIN && body?.startsWith(beginning) && pull_request === undefined,
      );
      if (found !== undefined || posts.length < PAGE) return found;
    }
  }

  async write(method: "POST" | "PATCH", path: string, body: object): Promise<void> {
    await this.#request(method, path, body);
  }

  async #request(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(
      `${this.#need("GITHUB_API_URL")}/repos/${this.#repository}${path}`,
      {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${this.#need("GITHUB_TOKEN")}`,
          "x-github-api-version": "2022-11-28",
        },
        ...(body && { body: JSON.stringify(body) }),
      },
    );
    if (response.ok) return response.json();
    throw new UserError(
      `GitHub answered ${response.status} to ${method} ${path}: ${shortened(await response.text(), 200)}`,
    );
  }

  get #repository(): string {
    return this.#need("GITHUB_REPOSITORY");
  }

  #need(name: string): string {
    const value = this.env[name] ?? "";
    if (value !== "") return value;
    throw new UserError(`${name} is not set: this command only works in GitHub Actions.`);
  }
}
