import * as path from "node:path";
import { OUTPUTS } from "../../cli/support/fakes";
import { SECRET, TestProject } from "../../cli/support/project";
import { describeWithPulumi } from "../../cli/support/with-pulumi";

jest.setTimeout(120_000);

describeWithPulumi("the Pulumi CLI", () => {
  const project = new TestProject();
  const settings = () => project.read("Pulumi.local.yaml");

  afterAll(async () => {
    await project.run("destroy", "--yes");
  });

  it("previews with only one document on standard output", async () => {
    const { code, out, err } = await project.run("preview", "--json");
    expect(err).toContain("engine: pulumi (on the PATH) · stack: local");
    expect(JSON.parse(out)).toMatchObject({
      engine: "pulumi",
      stack: "local",
      outputs: { servers: {}, pool: null, logins: "[secret]" },
    });
    expect(out + err).not.toContain(SECRET);
    expect(code).toBe(0);
  });

  it("makes the same plan as the embedded engine", async () => {
    const rows = async (engine: string): Promise<unknown> => {
      const { out } = await project.run("preview", "--json", "--engine", engine);
      const { resources } = JSON.parse(out) as { readonly resources: readonly { urn: string }[] };
      return [...resources].sort((left, right) => left.urn.localeCompare(right.urn));
    };
    expect(await rows("pulumi")).toEqual(await rows("embedded"));
  });

  it("reports wrong settings in one sentence", async () => {
    project.settings({ memory: 101 });
    const { code, err } = await project.run("preview");
    expect(code).toBe(1);
    expect(err).toBe("memory: 101 is too much; at most 100 is allowed\n");
  });

  it("reports a failed step with its cause, and the next up resumes", async () => {
    project.settings({ memory: 8, crash: true });
    const { code, out } = await project.run("up", "--yes");
    expect(code).toBe(1);
    expect(out).toContain("Not done: ");
    expect(out).toContain("Failed: PostgresServer sark\n  the disk is full\n");
    expect(out.match(/the disk is full/g)).toHaveLength(1);

    const committed = project.settings({ memory: 8 });
    const up = await project.run("up", "--yes");
    expect(up).toMatchObject({ code: 0, err: "" });
    expect(up.out).toContain("+ created PostgresServer audit");
    expect(settings()).toBe(committed);
  });

  it("finds no changes after up, then exactly the changed setting", async () => {
    expect((await project.run("up", "--yes", "--expect-no-changes")).code).toBe(0);
    project.settings({ memory: 9 });
    const { code, out } = await project.run("up", "--expect-no-changes");
    expect(code).toBe(3);
    expect(out).toContain("parameters.restart.shared_buffers: 32 -> 36   (restart)\n");
    expect(out).toContain("Plan: 1 to update, 1 unchanged.");
  });

  it("applies a saved plan, and refuses one that is out of date", async () => {
    const saved = await project.run("preview", "--save-plan", path.join(project.root, "plan.json"));
    expect(saved).toMatchObject({ code: 0, err: "" });
    expect(project.read("plan.json")).not.toContain(SECRET);
    const up = () => project.run("up", "--yes", "--plan", path.join(project.root, "plan.json"));

    project.settings({ memory: 10 });
    const other = await up();
    expect(other.code).toBe(1);
    expect(other.err).toContain("restart.shared_buffers: the plan says 36, now it is 40");
    expect((await project.run("preview")).out).toContain("shared_buffers: 32 -> 40");

    project.settings({ memory: 9 });
    expect((await up()).out).toContain("Done: 1 updated");
  });

  it("refuses a step that violates the saved plan in a secret, and shows neither value", async () => {
    const file = path.join(project.root, "plan.json");
    expect((await project.run("preview", "--save-plan", file)).code).toBe(0);
    const program = project.read("index.ts");
    project.write("index.ts", program.replace(`secret("${SECRET}")`, 'secret("other-hunter3")'));
    const { code, out, err } = await project.run("up", "--yes", "--plan", file);
    project.write("index.ts", program);
    expect(code).toBe(1);
    expect(out).toMatch(/Failed: PostgresServer sark\n.*violates plan: properties changed/);
    expect(out + err).not.toMatch(/hunter[23]/);
  });

  it("refuses drift for a stack that does not exist, and does not create it", async () => {
    project.write("Pulumi.other.yaml", project.read("Pulumi.local.yaml"));
    const { code, err } = await project.run("drift", "--stack", "other");
    expect(code).toBe(1);
    expect(err).toContain("Stack other does not exist yet");
    const state = path.join(".sark", "state", "pulumi", ".pulumi", "stacks", "sark-databases");
    expect(project.read(path.join(state, "other.json"))).toBe("");
  });

  it("shows a password by `secret`, and encrypts it in the state", async () => {
    expect((await project.run("secret", "sark_app")).out).toBe(`${SECRET}\n`);
    const state = path.join(".sark", "state", "pulumi", ".pulumi", "stacks", "sark-databases");
    expect(project.read(path.join(state, "local.json"))).not.toContain(SECRET);
  });

  it("refuses the embedded engine for its stack", async () => {
    const { code, err } = await project.run("up", "--yes", "--engine", "embedded");
    expect(code).toBe(1);
    expect(err).toContain("was created by the Pulumi CLI");
  });

  it("destroys the stack, and leaves committed files unchanged", async () => {
    const committed = settings();
    const { code, out } = await project.run("destroy", "--yes");
    expect(code).toBe(0);
    expect(out).toContain("Done: 2 deleted");
    expect(settings()).toBe(committed);
    const status = await project.run("status");
    expect(status.err).toContain("Stack local is not up");
  });

  it("keeps a copy of the state if servers are left behind, and names its file", async () => {
    const program = project.read("index.ts");
    const servers = { sark: { ...OUTPUTS.servers.sark, retained: true } };
    const other = program.replace("servers = {}", `servers = ${JSON.stringify(servers)}`);
    project.write("index.ts", other);
    expect((await project.run("up", "--yes")).code).toBe(0);
    const { code, out, err } = await project.run("destroy", "--yes");
    project.write("index.ts", program);
    expect(code).toBe(0);
    const file = /Keep their state, (\S+\.json)/.exec(out + err)?.[1] ?? "";
    expect(project.read(file)).toContain("PostgresServer");
    expect(project.read(file)).not.toContain(SECRET);
  });

  it("finishes running steps after Ctrl-C, and the next run resumes", async () => {
    project.settings({ memory: 8, delay: 3000 });
    project.write("done", "");
    const { child, ended } = project.start("up", "--yes");
    await project.until("done", "began");
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(out).toContain("Interrupted. Waiting for running steps");
    expect(err).toContain("Interrupted. Run the command again; it resumes.");
    expect(project.read("done")).toBe("began\ncreated\n");

    const next = await project.run("up", "--yes");
    expect(next.code).toBe(0);
    expect(project.read("done")).toBe("began\ncreated\nbegan\ncreated\n");
    expect((await project.run("destroy", "--yes")).code).toBe(0);
  });

  it("runs to a clean end when the command is killed, and the next command waits for it", async () => {
    project.write("done", "");
    const { child, ended } = project.start("up", "--yes");
    await project.until("done", "began");
    child.kill("SIGKILL");
    await ended;
    const { code, out } = await project.run("up", "--yes");
    expect(code).toBe(0);
    expect(out).toMatch(/Another run \(process \d+ on .*\) is changing stack local/);
    expect(project.read("done")).toBe("began\ncreated\nbegan\ncreated\n");
  });
});
