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

describe("third-party actions", () => {
  it("are pinned by commit, with the version as a comment", () => {
    const uses = texts.flatMap((text) => [...text.matchAll(/^\s*(?:- )?uses: *(.*)$/gm)]);
    const foreign = uses.map(([, name = ""]) => name).filter((name) => !name.startsWith("./"));
    expect(foreign.length).toBeGreaterThan(20);
    const pinned = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(foreign.filter((name) => !pinned.test(name))).toEqual([]);
  });

  it("have the same commit everywhere", () => {
    const byName = new Map<string, Set<string>>();
    for (const [, { uses = "./" }] of steps) {
      const [name = "", commit = ""] = uses.split("@");
      byName.set(name, (byName.get(name) ?? new Set()).add(commit));
    }
    expect([...byName].filter(([, commits]) => commits.size > 1)).toEqual([]);
  });

  it("install the Pulumi CLI of the SDK's version, and do not run it", () => {
    const cli = stackAction.runs.steps.find(({ uses }) => uses?.startsWith("pulumi/actions@"));
    expect(cli?.with).toEqual({ "pulumi-version": packages.dependencies["@pulumi/pulumi"] });
  });
});

describe("permissions of the workflows", () => {
  const writes = (rights: Readonly<Record<string, string>> = {}) =>
    Object.entries(rights).flatMap(([right, level]) => (level === "write" ? [right] : []));

  it("are empty by default; each job states its own", () => {
    for (const [file, { permissions }] of workflows)
      expect([file, permissions]).toEqual([file, {}]);
    expect(jobs.filter(([, { permissions }]) => permissions === undefined)).toEqual([]);
  });

  it("include write access only for the jobs that need it", () => {
    const found = jobs.map(([name, { permissions }]) => [name, writes(permissions)] as const);
    expect(Object.fromEntries(found.filter(([, rights]) => rights.length > 0))).toEqual({
      "deploy.yml deploy": ["id-token"],
      "deploy-stack.yml plan": ["id-token"],
      "deploy-stack.yml apply": ["id-token"],
      "drift.yml drift": ["id-token", "issues"],
      "image.yml image": ["packages", "id-token"],
      "preview.yml preview": ["id-token", "pull-requests"],
      "restore-drill.yml drill": ["id-token"],
    });
  });

  it("allow a log-in to AWS only in an environment, whose name is in the token", () => {
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
      "restore-drill.yml drill": "${{ matrix.stack }}-drill",
    });
  });

  it("do not persist in a checkout", () => {
    const checkouts = steps.filter(([, { uses }]) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(8);
    expect(checkouts.filter(([, step]) => step.with?.["persist-credentials"] !== false)).toEqual(
      [],
    );
  });

  it("include GitHub's token only in the steps that call GitHub, and no stored secret", () => {
    const given = steps.filter(([, { env = {} }]) => "GITHUB_TOKEN" in env);
    expect(given.map(([name, { run }]) => `${name}: ${run?.slice(0, 20) ?? ""}`)).toEqual([
      "drift.yml drift: npm run tell -- drif",
      "preview.yml preview: npm run tell -- prev",
    ]);
    expect(texts.filter((text) => /\bsecrets\./.test(text))).toEqual([]);
  });
});

describe("a pull request", () => {
  it("never runs with the permissions of the main branch", () => {
    const risky = ["pull_request_target", "workflow_run", "issue_comment"];
    const events = [...workflows].flatMap(([, { on }]) => Object.keys(on));
    expect(events.filter((event) => risky.includes(event))).toEqual([]);
  });

  it("cannot inject text into a script, since no script has an expression", () => {
    expect(steps.filter(([, { run }]) => run?.includes("${{"))).toEqual([]);
  });

  it("from a fork or Dependabot gets no credentials, but still a preview", () => {
    const inside = job("preview.yml", "preview").if ?? "";
    const outside = job("preview.yml", "outside").if ?? "";
    expect(inside).toContain("head.repo.full_name == github.repository &&");
    expect(inside).toContain("user.login != 'dependabot[bot]'");
    // One condition is the negation of the other, so that exactly one of the jobs runs.
    const swap = { "==": "!=", "!=": "==", "&&": "||", "||": "&&" } as const;
    const opposite = inside.replace(/==|!=|&&|\|\|/g, (sign) =>
      sign === "==" || sign === "!=" || sign === "&&" || sign === "||" ? swap[sign] : sign,
    );
    expect(outside).toBe(opposite);
    expect(job("preview.yml", "outside").permissions).toEqual({ contents: "read" });
  });
});

describe("the deployment of a stack", () => {
  it("runs alone from plan to end, and is never cancelled", () => {
    const { concurrency, uses } = job("deploy.yml", "deploy");
    expect(uses).toBe("./.github/workflows/deploy-stack.yml");
    expect(concurrency).toEqual({
      group: "deploy-${{ matrix.stack }}",
      "cancel-in-progress": false,
    });
    // The called workflow must not wait for the same group again, which would be a deadlock.
    expect(workflow("deploy-stack.yml").concurrency).toBeUndefined();
  });

  it("is not cancelled by a new preview, while an older preview is", () => {
    expect(workflow("preview.yml").concurrency?.["cancel-in-progress"]).toBe(true);
  });

  it("starts from main only", () => {
    expect(workflow("deploy.yml").on).toEqual({
      push: { branches: ["main"] },
      workflow_dispatch: null,
    });
    expect(job("deploy.yml", "deploy").if).toContain("github.ref == 'refs/heads/main'");
    expect(Object.keys(workflow("deploy-stack.yml").on)).toEqual(["workflow_call"]);
  });
});

describe("the apply job", () => {
  const plan = job("deploy-stack.yml", "plan");
  const apply = job("deploy-stack.yml", "apply");
  const using = (steps: typeof plan.steps, action: string) =>
    steps?.find(({ uses }) => uses?.startsWith(`actions/${action}-artifact@`));

  it("downloads the approved plan by the artifact's id, and checks its digest", () => {
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

  it("runs in the environment that has the reviewers, after the plan", () => {
    expect(apply).toMatchObject({ needs: "plan", environment: "${{ inputs.stack }}" });
    expect(apply.if).toBe("needs.plan.outputs.changes != '0'");
  });
});

describe("the stacks that CI manages", () => {
  it("are one list, and each has a settings file", () => {
    const committed = fs
      .readdirSync(ROOT)
      .flatMap((f) => /^Pulumi\.(\w+)\.yaml$/.exec(f)?.[1] ?? []);
    expect(stacks.length).toBeGreaterThan(0);
    expect(stacks.filter((stack) => !committed.includes(stack))).toEqual([]);
    expect(stacks).not.toContain("local");
    const matrices = jobs.flatMap(([, { strategy }]) => JSON.stringify(strategy ?? {}));
    const named = matrices.filter((text) => text.includes('"stack"'));
    expect(named).toHaveLength(5);
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

  it("is referenced by `npm run tell -- --help`", () => {
    const tell = declared().commands.find((command) => command.name() === "tell");
    expect(tell?.description()).toContain("docs/ci.md");
  });
});
