import { SECRET, TestProject } from "../support/project";

jest.setTimeout(60_000);

/** Runs the commands as a user starts them, with the embedded engine. */
const embedded = ["--engine", "embedded"] as const;

describe("the command", () => {
  const project = new TestProject();

  it("preview --json prints only one document on standard output, whatever the program prints", async () => {
    const { code, out, err } = await project.run("preview", "--json", ...embedded);
    expect(err).toContain("noise of the program's");
    expect(JSON.parse(out)).toMatchObject({
      engine: "embedded",
      stack: "local",
      outputs: { servers: {}, pool: null, logins: "[secret]" },
    });
    expect(out + err).not.toContain(SECRET);
    expect(code).toBe(0);
  });

  it("preview reports wrong settings without a stack trace", async () => {
    project.settings({ memory: 101 });
    const { code, out, err } = await project.run("preview", "--json", ...embedded);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/memory: 101 is too much; at most 100 is allowed\n$/);
    expect(err).not.toContain("    at ");
    project.settings({ memory: 8 });
  });

  it("up changes nothing in a pipe without --yes", async () => {
    const { code, err } = await project.run("up", ...embedded);
    expect(code).toBe(1);
    expect(err).toContain("npm run up -- --yes");
    expect(project.read("done")).toBe("");
  });

  it("up creates the stack, and then finds no changes", async () => {
    const up = await project.run("up", "--yes", ...embedded);
    expect(up).toMatchObject({ code: 0, err: "" });
    expect(up.out).toMatch(/^engine: embedded \(--engine\) · stack: local\n/);
    expect(project.read("done")).toBe("began\ncreated\nbegan\ncreated\n");
    const again = await project.run("up", "--yes", "--expect-no-changes");
    expect(again.out).toContain("engine: embedded (it created stack local)");
    expect(again.out).toContain("No changes: 2 resources up to date.");
    expect(again.code).toBe(0);
  });

  it("secret prints only the password on standard output", async () => {
    expect((await project.run("secret", "sark_app")).out).toBe(`${SECRET}\n`);
    const { out } = await project.run("secret", "sark_app", "--json");
    expect(JSON.parse(out)).toMatchObject({ user: "sark_app_a", password: SECRET });
  });

  it("preview --expect-no-changes exits 3 when there are changes", async () => {
    project.settings({ memory: 9 });
    const { code, out } = await project.run("preview", "--expect-no-changes");
    expect(code).toBe(3);
    expect(out).toContain("parameters.reload.work_mem: 8 -> 9\n");
    expect(out).toContain("parameters.restart.shared_buffers: 32 -> 36   (restart)\n");
  });

  it("destroy deletes everything, so that a second one has nothing to do", async () => {
    const { code, out } = await project.run("destroy", "--yes", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ failed: [], skipped: [] });
    expect((await project.run("destroy", "--expect-no-changes")).code).toBe(0);
    const status = await project.run("status");
    expect(status.err).toContain("Stack local is not up");
    expect(status.code).toBe(1);
  });

  it.each([
    [["preview", "--stack", "lokal"], "Did you mean local?"],
    [["previw"], "Did you mean preview?"],
  ])("%j is unknown, and exits 2 with a suggestion", async (args, hint) => {
    const { code, err } = await project.run(...args);
    expect(code).toBe(2);
    expect(err).toContain(hint);
  });

  it("help describes one command, and lists all of them", async () => {
    const { code, out } = await project.run("up", "--help");
    expect(code).toBe(0);
    for (const words of ["--expect-no-changes", ".sark/cli", "within 10 seconds", "130"]) {
      expect(out).toContain(words);
    }
    const overview = await project.run();
    expect(overview.code).toBe(0);
    expect(overview.out).toContain("npm run up             Creates or updates the stack\n");
  });

  it("preview rebuilds an edited program", async () => {
    project.write("index.ts", 'export const word = "edited";\n');
    const { out } = await project.run("preview", "--json", ...embedded);
    expect(JSON.parse(out)).toMatchObject({ outputs: { word: "edited" } });
  });
});
