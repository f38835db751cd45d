import * as fs from "node:fs";
import * as path from "node:path";
import { declared } from "../cli/support/run-line";
import packages from "../../package.json";
import {
  job,
  jobs,
  ROOT,
  stackAction,
  stacks,
  steps,
  texts,
  workflow,
  workflows,
} from "./workflow-files";

describe("what others made", () => {
  it("is named by its commit, with the version beside it", () => {
    const uses = texts.flatMap((text) => [...text.matchAll(/^\s*(?:- )?uses: *(.*)$/gm)]);
    const foreign = uses.map(([, name = ""]) => name).filter((name) => !name.startsWith("./"));
    expect(foreign.length).toBeGreaterThan(20);
    const pinned = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(foreign.filter((name) => !pinned.test(name))).toEqual([]);
  });

  it("is the same commit wherever it is used", () => {
    const byName = new Map<string, Set<string>>();
    for (const [, { uses = "./" }] of steps) {
      const [name = "", commit = ""] = uses.split("@");
      byName.set(name, (byName.get(name) ?? new Set()).add(commit));
    }
    expect([...byName].filter(([, commits]) => commits.size > 1)).toEqual([]);
  });

  it("installs the CLI that the SDK goes with, and runs nothing with it", () => {
    const cli = stackAction.runs.steps.find(({ uses }) => uses?.startsWith("pulumi/actions@"));
    expect(cli?.with).toEqual({ "pulumi-version": packages.dependencies["@pulumi/pulumi"] });
  });
});

describe("rights", () => {
  const writes = (rights: Readonly<Record<string, string>> = {}) =>
    Object.entries(rights).flatMap(([right, level]) => (level === "write" ? [right] : []));

  it("are none, but for those that a job names", () => {
    for (const [file, { permissions }] of workflows)
      expect([file, permissions]).toEqual([file, {}]);
    expect(jobs.filter(([, { permissions }]) => permissions === undefined)).toEqual([]);
  });

  it("to write are with the jobs that need them", () => {
    const found = jobs.map(([name, { permissions }]) => [name, writes(permissions)] as const);
    expect(Object.fromEntries(found.filter(([, rights]) => rights.length > 0))).toEqual({
      "deploy.yml deploy": ["id-token"],
      "deploy-stack.yml plan": ["id-token"],
      "deploy-stack.yml apply": ["id-token"],
      "drift.yml drift": ["id-token", "issues"],
      "image.yml image": ["packages", "id-token"],
      "preview.yml preview": ["id-token", "pull-requests"],
    });
  });

  it("to log in to AWS come with an environment, whose name is in the token", () => {
    const logins = jobs.filter(([, { steps = [] }]) =>
      steps.some(({ uses }) => uses === "./.github/actions/stack"),
    );
    expect(
      Object.fromEntries(logins.map(([name, { environment }]) => [name, environment])),
    ).toEqual({
      "deploy-stack.yml plan": "${{ inputs.stack }}-preview",
      "deploy-stack.yml apply": "${{ inputs.stack }}",
      "drift.yml drift": "${{ matrix.stack }}-preview",
      "preview.yml preview": "${{ matrix.stack }}-preview",
    });
  });

  it("are not left behind by a checkout", () => {
    const checkouts = steps.filter(([, { uses }]) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(8);
    expect(checkouts.filter(([, step]) => step.with?.["persist-credentials"] !== false)).toEqual(
      [],
    );
  });

  it("of GitHub's are given to the steps that talk to it, and no secret is stored", () => {
    const given = steps.filter(([, { env = {} }]) => "GITHUB_TOKEN" in env);
    expect(given.map(([name, { run }]) => `${name}: ${run?.slice(0, 20) ?? ""}`)).toEqual([
      "drift.yml drift: npm run tell -- drif",
      "preview.yml preview: npm run tell -- prev",
    ]);
    expect(texts.filter((text) => /\bsecrets\./.test(text))).toEqual([]);
  });
});

describe("what a pull request can say", () => {
  it("never runs with the rights of the main branch", () => {
    const risky = ["pull_request_target", "workflow_run", "issue_comment"];
    const events = [...workflows].flatMap(([, { on }]) => Object.keys(on));
    expect(events.filter((event) => risky.includes(event))).toEqual([]);
  });

  it("never becomes a part of a script: no script has an expression", () => {
    expect(steps.filter(([, { run }]) => run?.includes("${{"))).toEqual([]);
  });

  it("gets no credentials from a fork or Dependabot, and a preview nevertheless", () => {
    const inside = job("preview.yml", "preview").if ?? "";
    const outside = job("preview.yml", "outside").if ?? "";
    expect(inside).toContain("head.repo.full_name == github.repository &&");
    expect(inside).toContain("user.login != 'dependabot[bot]'");
    // One is the other's opposite, so that exactly one of them runs.
    const swap = { "==": "!=", "!=": "==", "&&": "||", "||": "&&" } as const;
    const opposite = inside.replace(/==|!=|&&|\|\|/g, (sign) =>
      sign === "==" || sign === "!=" || sign === "&&" || sign === "||" ? swap[sign] : sign,
    );
    expect(outside).toBe(opposite);
    expect(job("preview.yml", "outside").permissions).toEqual({ contents: "read" });
  });
});

describe("one run of a stack at a time", () => {
  it("from its plan to its end, and never cut off", () => {
    const { concurrency, uses } = job("deploy.yml", "deploy");
    expect(uses).toBe("./.github/workflows/deploy-stack.yml");
    expect(concurrency).toEqual({
      group: "deploy-${{ matrix.stack }}",
      "cancel-in-progress": false,
    });
    // Inside of it nothing waits for the same turn once more, which would be for ever.
    expect(workflow("deploy-stack.yml").concurrency).toBeUndefined();
  });

  it("does not hold for previews, of which the newest counts", () => {
    expect(workflow("preview.yml").concurrency?.["cancel-in-progress"]).toBe(true);
  });

  it("deploys from main alone", () => {
    expect(workflow("deploy.yml").on).toEqual({
      push: { branches: ["main"] },
      workflow_dispatch: null,
    });
    expect(job("deploy.yml", "deploy").if).toContain("github.ref == 'refs/heads/main'");
    expect(Object.keys(workflow("deploy-stack.yml").on)).toEqual(["workflow_call"]);
  });
});

describe("what is approved is what is done", () => {
  const plan = job("deploy-stack.yml", "plan");
  const apply = job("deploy-stack.yml", "apply");
  const using = (steps: typeof plan.steps, action: string) =>
    steps?.find(({ uses }) => uses?.startsWith(`actions/${action}-artifact@`));

  it("by the number of the artifact, whose digest must be right", () => {
    const upload = using(plan.steps, "upload");
    expect(upload?.with).toMatchObject({ path: "plan.json", "if-no-files-found": "error" });
    expect(plan["outputs"]).toMatchObject({
      artifact: `\${{ steps.${upload?.id ?? ""}.outputs.artifact-id }}`,
    });
    expect(using(apply.steps, "download")?.with).toEqual({
      "artifact-ids": "${{ needs.plan.outputs.artifact }}",
      "digest-mismatch": "error",
    });
  });

  it("in the environment that has the reviewers, after the plan", () => {
    expect(apply).toMatchObject({ needs: "plan", environment: "${{ inputs.stack }}" });
    expect(apply.if).toBe("needs.plan.outputs.changes != '0'");
  });
});

describe("the stacks that CI manages", () => {
  it("are one list, and each has settings", () => {
    const committed = fs
      .readdirSync(ROOT)
      .flatMap((f) => /^Pulumi\.(\w+)\.yaml$/.exec(f)?.[1] ?? []);
    expect(stacks.length).toBeGreaterThan(0);
    expect(stacks.filter((stack) => !committed.includes(stack))).toEqual([]);
    expect(stacks).not.toContain("local");
    const matrices = jobs.flatMap(([, { strategy }]) => JSON.stringify(strategy ?? {}));
    const named = matrices.filter((text) => text.includes('"stack"'));
    expect(named).toHaveLength(4);
    for (const text of named) expect(text).toContain("fromJSON(needs.stacks.outputs.stacks)");
  });
});

describe("docs/ci.md", () => {
  const page = fs.readFileSync(path.join(ROOT, "docs", "ci.md"), "utf8");

  it("names every workflow, every variable and every command", () => {
    const variables = texts.flatMap((text) => [...text.matchAll(/\bvars\.(\w+)/g)]);
    const commands = steps.flatMap(([, { run = "" }]) => run.match(/npm (run )?\w+/g) ?? []);
    const names = [
      ...[...workflows.keys()].filter((file) => file !== "image.yml"),
      ...variables.map(([, name = ""]) => name),
      ...commands,
    ];
    expect(names.length).toBeGreaterThan(20);
    expect([...new Set(names)].filter((name) => !page.includes(name))).toEqual([]);
  });

  it("is what `npm run tell -- --help` refers to", () => {
    const tell = declared().commands.find((command) => command.name() === "tell");
    expect(tell?.description()).toContain("docs/ci.md");
  });
});
