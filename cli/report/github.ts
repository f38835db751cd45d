import * as fs from "node:fs";
import { z } from "zod";
import { UserError } from "../../engine/engine";
import { shortened } from "../../components/text/printable";

/** A comment or an issue, as far as it is read here. */
const POST = z.object({
  number: z.number().optional(),
  id: z.number(),
  body: z.string().nullable(),
  user: z.object({ login: z.string() }).nullable(),
  pull_request: z.unknown().optional(),
});
type Post = z.infer<typeof POST>;

const EVENT = z.object({ pull_request: z.object({ number: z.number() }) });

/** Who writes with the token of a workflow's run. */
const OURSELVES = "github-actions[bot]";

const PAGE = 100;

/** One repository's comments and issues, for a workflow's run: what it needs is in the run's environment. */
export class GitHub {
  constructor(private readonly env: Readonly<NodeJS.ProcessEnv>) {}

  /** Address of the run. */
  get run(): string {
    return `${this.#need("GITHUB_SERVER_URL")}/${this.#repository}/actions/runs/${this.#need("GITHUB_RUN_ID")}`;
  }

  /** The pull request that the run is for. */
  get pullRequest(): number {
    const event: unknown = JSON.parse(fs.readFileSync(this.#need("GITHUB_EVENT_PATH"), "utf8"));
    const found = EVENT.safeParse(event);
    if (found.success) return found.data.pull_request.number;
    throw new UserError("This run is not for a pull request, so there is nothing to comment on.");
  }

  /** The first post in a list that we wrote and that begins so; whoever else writes such a one is left alone. */
  async find(list: string, beginning: string): Promise<Post | undefined> {
    for (let page = 1; ; page += 1) {
      const joint = list.includes("?") ? "&" : "?";
      const answer = await this.#request("GET", `${list}${joint}per_page=${PAGE}&page=${page}`);
      const posts = z.array(POST).parse(answer);
      const found = posts.find(
        ({ user, body, pull_request }) =>
          user?.login === OURSELVES && body?.startsWith(beginning) && pull_request === undefined,
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
    throw new UserError(`${name} is not set: this command is for a run of GitHub Actions.`);
  }
}
