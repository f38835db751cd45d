import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../../engine/engine";
import { markdownReport, reportMarker } from "../../../cli/report/report-markdown";
import { postReport } from "../../../cli/commands/post-report";
import { planOf, row, scratchFolder } from "../support/fakes";
import { FakeGitHub } from "../support/fake-github";

/** A database that was compared and has no differences. */
const COMPARED = [{ database: "sark", schema: { differences: [] }, roles: { differences: [] } }];

const ROLE = "postgresql:index/role:Role";
const CHANGE = planOf(row("update", ROLE, "app"));
const NONE = planOf(row("same", ROLE, "app"));
const UNCHECKED = { ...NONE, unchecked: ["a look-up was not made"] };

let github: FakeGitHub;
let env: NodeJS.ProcessEnv;
const report = path.join(scratchFolder(), "report.md");

beforeEach(async () => {
  fs.rmSync(report, { force: true });
  github = new FakeGitHub();
  env = await github.start();
});
afterEach(() => {
  github.stop();
});

function told(what: "preview" | "drift", plan?: typeof CHANGE, stack = "local") {
  if (plan) fs.writeFileSync(report, markdownReport(what, { ...plan, stack }, COMPARED));
  return postReport({ kind: what, stack, report }, env);
}

describe("tell preview", () => {
  it("keeps one comment for each stack up to date", async () => {
    await told("preview", CHANGE);
    await told("preview", CHANGE, "prod");
    await told("preview", NONE);
    expect(github.comments.map(({ body }) => body.split("\n")[0])).toEqual([
      reportMarker("preview", "local"),
      reportMarker("preview", "prod"),
    ]);
    expect(github.comments[0]?.body).toContain("No changes: 1 resource up to date.");
    expect(github.comments[1]?.body).toContain("Plan: 1 to update.");
    expect(github.comments[0]?.body).toContain(
      "https://github.example/sark/databases/actions/runs/42",
    );
  });

  it("finds its comment among hundreds", async () => {
    for (let index = 0; index < 250; index += 1) {
      github.post(github.comments, { body: "words", user: { login: "somebody" } });
    }
    await told("preview", CHANGE);
    await told("preview", NONE);
    expect(github.comments).toHaveLength(251);
  });

  it("never changes a comment of another user that begins with the same marker", async () => {
    const other = github.post(github.comments, {
      body: reportMarker("preview", "local"),
      user: { login: "somebody" },
    });
    await told("preview", CHANGE);
    expect(other.body).toBe(reportMarker("preview", "local"));
    expect(github.comments).toHaveLength(2);
  });

  it("comments that the preview failed if there is no report", async () => {
    await told("preview", CHANGE);
    fs.rmSync(report);
    await told("preview");
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain("The preview of `local` failed");
  });
});

describe("tell drift", () => {
  it("opens, updates and closes an issue, and opens a new one for new drift", async () => {
    expect(await told("drift", CHANGE)).toBe("Opened an issue with the report.");
    expect(await told("drift", CHANGE)).toMatch(/^Updated issue \d+ with the report\.$/);
    expect(github.issues).toMatchObject([{ title: "The stack local has drifted", state: "open" }]);
    expect(await told("drift", NONE)).toMatch(/^Closed issue \d+\.$/);
    expect(github.issues).toMatchObject([{ state: "closed" }]);
    expect(github.comments.at(-1)?.body).toContain("found no differences");
    await told("drift", CHANGE);
    expect(github.issues.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("has a separate issue for each stack", async () => {
    await told("drift", CHANGE);
    await told("drift", CHANGE, "prod");
    await told("drift", NONE, "prod");
    expect(github.issues.map(({ state }) => state)).toEqual(["open", "closed"]);
  });

  it("leaves an open issue unchanged after an incomplete check without findings", async () => {
    await told("drift", CHANGE);
    const before = { ...github.issues[0] };
    expect(await told("drift", UNCHECKED)).toMatch(
      /^The check is incomplete: issue \d+ stays open, unchanged\.$/,
    );
    expect(github.issues).toEqual([before]);
  });

  it("opens an issue for an incomplete check, and closes it after a complete one without findings", async () => {
    expect(await told("drift", UNCHECKED)).toBe("The check is incomplete: opened an issue.");
    expect(github.issues).toMatchObject([
      {
        title: "The drift check of the stack local is incomplete",
        state: "open",
        body: expect.stringContaining("a look-up was not made") as string,
      },
    ]);
    await told("drift", UNCHECKED);
    expect(github.issues).toHaveLength(1);
    expect(await told("drift", NONE)).toMatch(/^Closed issue \d+\.$/);
  });

  it("reports the drift that an incomplete check found", async () => {
    await told("drift", { ...CHANGE, unchecked: UNCHECKED.unchecked });
    expect(github.issues).toMatchObject([
      {
        title: "The stack local has drifted",
        body: expect.stringContaining("The check is incomplete.") as string,
      },
    ]);
  });

  it("opens no issue without drift, and never closes a pull request", async () => {
    expect(await told("drift", NONE)).toBe("No drift, and no open issue.");
    github.post(github.issues, { body: reportMarker("drift", "local"), pull_request: {} });
    await told("drift", NONE);
    expect(github.issues).toMatchObject([{ state: "open" }]);
  });

  it("leaves an open issue unchanged if the run wrote no report", async () => {
    await told("drift", CHANGE);
    fs.rmSync(report);
    await expect(told("drift")).rejects.toThrow(/does not exist.*No issue was changed/);
    expect(github.issues).toMatchObject([{ state: "open" }]);
  });
});

describe("tell", () => {
  it("refuses a report of another kind, and names the expected first line", async () => {
    fs.writeFileSync(report, markdownReport("preview", CHANGE));
    await expect(postReport({ kind: "drift", stack: "local", report }, env)).rejects.toThrow(
      /its first line must be <!-- sark-databases: drift of local -->/,
    );
  });

  it("names a missing environment variable", async () => {
    await expect(
      postReport({ kind: "preview", stack: "local", report }, { ...env, GITHUB_TOKEN: "" }),
    ).rejects.toThrow("GITHUB_TOKEN is not set: this command only works in GitHub Actions.");
  });

  it("reports GitHub's error without the token", async () => {
    env = { ...env, GITHUB_TOKEN: "ghs_other" };
    const failure = await told("preview", CHANGE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toContain("GitHub answered 404 to GET /issues/7/comments");
    expect(String(failure)).not.toContain("ghs_other");
  });
});
