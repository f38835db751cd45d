import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import packages from "../../package.json";
import { reportMarker } from "../../cli/report/report-markdown";
import { FakeGitHub } from "../cli/support/fake-github";
import { scratchFolder } from "../cli/support/fakes";
import { StackCopy } from "../../scratch/scratch-stack";
import { job, stacks, steps, type Job } from "./workflow-files";

jest.setTimeout(400_000);

const cli = spawnSync("pulumi", ["version"]).status === 0;

/** Lines that are no commands of this project: tools of the machine, and outputs for later steps. */
const PLUMBING =
  /^(sudo (apt-get|systemctl) |cat (preview|drill)\.md >> |echo "(stacks|changes|name|tag)=|aws eks update-kubeconfig )/;

/** `npm test` runs these itself: the tests and the scanners. */
const ELSEWHERE = ["npm test", "npm run scan"];

const lines = steps
  .filter(([name]) => !name.startsWith("image.yml"))
  .flatMap(([, { run = "" }]) => run.split("\n"))
  .filter(Boolean);
const commands = lines.filter((line) => line.startsWith("npm "));

/** The script of the step with this name. */
function script(of: Job, name: string): string {
  const text = of.steps?.find((step) => step.name === name)?.run;
  if (text === undefined) throw new Error(`there is no step "${name}"`);
  return text;
}

describe("the steps of the workflows", () => {
  it("only run this project's commands", () => {
    expect(lines.filter((line) => !PLUMBING.test(line) && !line.startsWith("npm "))).toEqual([]);
    const scripts = commands.map((line) => /^npm (?:run )?([\w-]+)/.exec(line)?.[1] ?? line);
    expect(scripts.filter((name) => !(name in packages.scripts))).toEqual([]);
  });

  it("are all run by the tests below or by `npm test`", () => {
    const preview = job("preview.yml", "preview");
    const run = [
      script(preview, "Preview"),
      script(preview, "Comment"),
      script(job("preview.yml", "outside"), "Preview"),
      script(job("deploy-stack.yml", "plan"), "Preview"),
      script(job("deploy-stack.yml", "apply"), "Up"),
      script(job("drift.yml", "drift"), "Drift"),
      script(job("drift.yml", "drift"), "Issue"),
      script(job("restore-drill.yml", "drill"), "Restore drill"),
    ];
    expect(commands.filter((line) => !run.includes(line) && !ELSEWHERE.includes(line))).toEqual([]);
  });
});

describe("the commands of the workflows, on the stack local", () => {
  const github = new FakeGitHub();
  let stack: StackCopy;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    stack = await StackCopy.make();
    environment = { ...process.env, ...(await github.start()), STACK: "local" };
    for (const name of ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"]) {
      environment[name] = path.join(scratchFolder(), name);
    }
  });
  afterAll(async () => {
    github.stop();
    await stack.remove();
  });

  /** Runs a step as GitHub does. Without a CLI it uses the embedded engine. */
  async function step(of: Job, name: string, stackName = "local") {
    const text = script(of, name);
    const child = spawn(
      "bash",
      ["-eo", "pipefail", "-c", cli ? text : text.replace("--engine pulumi", "--engine embedded")],
      {
        cwd: stack.folder,
        env: { ...environment, STACK: stackName },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let out = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (out += part));
    }
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, out };
  }
  const written = (name: string) => fs.readFileSync(environment[name] ?? "", "utf8");
  const preview = job("preview.yml", "preview");
  const plan = job("deploy-stack.yml", "plan");
  const apply = job("deploy-stack.yml", "apply");
  const drift = job("drift.yml", "drift");

  it("report that drift is unknown for a stack that does not exist, and change no issue", async () => {
    const { code, out } = await step(drift, "Drift");
    expect(out).toContain("Stack local does not exist yet");
    expect(code).toBe(1);
    const told = await step(drift, "Issue");
    expect(told.out).toContain("No issue was changed");
    expect(told.code).toBe(1);
    expect(github.issues).toEqual([]);
  });

  it("preview a stack that does not exist yet, and comment", async () => {
    expect(await step(preview, "Preview")).toMatchObject({ code: 0 });
    expect(await step(preview, "Comment")).toMatchObject({ code: 0 });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toMatch(/\*\*Plan: \d+ to create\.\*\*/);
  });

  it("plan again with the same fingerprint, and apply the approved plan", async () => {
    const fingerprint = () => /fingerprint `(\w+)`/.exec(read("preview.md"))?.[1];
    const read = (name: string) => fs.readFileSync(path.join(stack.folder, name), "utf8");
    const before = fingerprint();
    expect(await step(plan, "Preview")).toMatchObject({ code: 0 });
    expect(fingerprint()).toBe(before);
    expect(await step(plan, "What is approved")).toMatchObject({ code: 0 });
    expect(written("GITHUB_STEP_SUMMARY")).toContain("### Preview of `local`");
    expect(written("GITHUB_OUTPUT")).toMatch(/^changes=[1-9]\d+\n$/);
    expect(await step(apply, "Up")).toMatchObject({ code: 0 });
  });

  it("fail a restore drill of a stack without backups", async () => {
    const { code, out } = await step(job("restore-drill.yml", "drill"), "Restore drill");
    expect([code, out]).toEqual([1, expect.stringContaining("no backups to restore")]);
  });

  it("find no drift, and open no issue", async () => {
    const { code, out } = await step(drift, "Drift");
    expect([code, out]).toEqual([0, expect.stringContaining("\nNo drift.\n")]);
    expect(await step(drift, "Issue")).toMatchObject({ code: 0 });
    expect(github.issues).toEqual([]);
  });

  it("update the same comment when there are no changes", async () => {
    expect(await step(preview, "Preview")).toMatchObject({ code: 0 });
    expect(await step(preview, "Comment")).toMatchObject({ code: 0 });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain("**No changes: ");
  });

  it("refuse to apply anything but the approved plan", async () => {
    const set = (milliseconds: number) => {
      stack.configure((config) => {
        const parameters = { log_min_duration_statement: `${milliseconds}ms` };
        config["sark-databases:sark"] = { home: "local", parameters };
      });
    };
    set(400);
    expect(await step(plan, "Preview")).toMatchObject({ code: 0 });
    set(500);
    const { code, out } = await step(apply, "Up");
    expect(code).toBe(1);
    expect(out).toContain('the plan says "400ms", now it is "500ms"');
    set(400);
    expect(await step(apply, "Up")).toMatchObject({ code: 0 });
    // The plan is outdated, since it was applied already.
    expect((await step(apply, "Up")).out).toContain("the plan says update, now it is same");
  });

  it("report drift in an issue, change nothing, and close the issue when the drift is gone", async () => {
    const limit = (connections: number) =>
      stack.withLogin("sark_admin", (admin) =>
        admin.query(`alter role sark_app_a connection limit ${connections}`),
      );
    await limit(7);
    for (let night = 1; night <= 2; night += 1) {
      const { code, out } = await step(drift, "Drift");
      expect(out).toContain("Drift found. Nothing was changed.");
      expect(code).toBe(3);
      expect(await step(drift, "Issue")).toMatchObject({ code: 0 });
    }
    expect(github.issues).toMatchObject([{ state: "open", title: "The stack local has drifted" }]);
    const body = github.issues[0]?.body ?? "";
    expect(body.startsWith(reportMarker("drift", "local"))).toBe(true);
    expect(body).toContain("sark_app_a has a connection limit of 7");
    if (cli) expect(body).toContain("connectionLimit: 7 -> -1");

    await limit(-1);
    expect(await step(drift, "Drift")).toMatchObject({ code: 0 });
    expect(await step(drift, "Issue")).toMatchObject({ code: 0 });
    expect(github.issues).toMatchObject([{ state: "closed" }]);
  });

  it("report a failed preview", async () => {
    stack.configure((config) => {
      config["sark-databases:sark"] = { home: "nowhere" };
    });
    expect(await step(preview, "Preview")).toMatchObject({ code: 1 });
    expect(await step(preview, "Comment")).toMatchObject({ code: 0 });
    expect(github.comments.at(0)?.body).toContain("The preview of `local` failed");
  });

  it.each(stacks)("preview %s without credentials, as for a fork", async (name) => {
    const outside = job("preview.yml", "outside");
    expect(await step(outside, "Preview", name)).toMatchObject({ code: 0 });
    expect(await step(outside, "Summary", name)).toMatchObject({ code: 0 });
    expect(written("GITHUB_STEP_SUMMARY")).toContain(`### Preview of \`${name}\``);
  });
});
