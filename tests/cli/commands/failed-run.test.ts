import * as fs from "node:fs";
import * as path from "node:path";
import { TestProject, SECRET } from "../support/project";
import { describeWithPulumi } from "../support/with-pulumi";

jest.setTimeout(240_000);

const ENGINES = [
  ["embedded", describe],
  ["pulumi", describeWithPulumi],
] as const;

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`after a failed run of the ${engine} engine`, () => {
    const project = new TestProject();
    const run = (...args: readonly string[]) => project.run(...args, "--engine", engine);
    const up = () => run("up", "--yes");

    beforeAll(() => {
      project.settings({ memory: 8 });
    });

    it("status of a stack that never came up says so, with the cause", async () => {
      project.settings({ memory: 8, crash: true });
      expect((await up()).code).toBe(1);
      const { code, out, err } = await run("status");
      expect(code).toBe(1);
      expect(out).not.toContain("healthy");
      expect(err).toMatch(
        /^Stack local is not up\. The last `up` .*failed: PostgresServer sark: the disk is full \(full text: \.sark\/logs\/local-\S+\.log\)\. Fix the cause\. Run npm run up\.\n$/m,
      );
      project.settings({ memory: 8 });
      expect((await up()).code).toBe(0);
    });

    it("logins and servers are still known, and each command notes the failure", async () => {
      project.settings({ memory: 9, crash: true });
      const failed = await up();
      expect(failed.code).toBe(1);
      expect(failed.out).toMatch(
        /\n\nFailed: PostgresServer sark\n {2}the disk is full\nFull text: \.sark\/logs\/\S+\.log\nFix the cause and run npm run up again; it resumes\.\n$/,
      );
      const secret = await run("secret", "sark_app");
      expect(secret).toMatchObject({ code: 0, out: `${SECRET}\n` });
      expect(secret.err).toMatch(/Note: The last `up` .* failed: .*the disk is full/);
      const status = await run("status", "--json");
      const document = JSON.parse(status.out) as { failedRun: string; problems: string[] };
      expect(document.failedRun).toContain("the disk is full");
      expect(document.problems).toEqual([]);
      expect((await run("status")).out).toMatch(/Note: The last `up` .* failed: .*\.\n$/);
    });

    it("a log that only its owner can read has the full text, without secrets", () => {
      const folder = path.join(project.root, ".sark", "logs");
      const logs = fs.readdirSync(folder);
      expect(logs).toHaveLength(2);
      for (const log of logs) {
        expect(fs.statSync(path.join(folder, log)).mode & 0o777).toBe(0o600);
        const text = fs.readFileSync(path.join(folder, log), "utf8");
        expect(text).toContain("the disk is full");
        expect(text).not.toContain(SECRET);
      }
    });

    it("the note disappears after a successful up", async () => {
      project.settings({ memory: 9 });
      expect((await up()).code).toBe(0);
      expect((await run("secret", "sark_app")).err).not.toContain("Note:");
      expect((await run("status")).out).not.toContain("Note:");
    });

    it("refused settings leave no note", async () => {
      project.settings({ memory: 101 });
      expect((await up()).code).toBe(1);
      expect((await run("secret", "sark_app")).err).not.toContain("Note:");
      project.settings({ memory: 9 });
    });

    it("secret notes that a killed run did not succeed", async () => {
      project.settings({ memory: 10, delay: 20_000 });
      project.write("done", "");
      const { child, ended } = project.start("up", "--yes", "--engine", engine);
      await project.until("done", "updates");
      child.kill("SIGKILL");
      await ended;
      const secret = await run("secret", "sark_app");
      expect(secret.out).toBe(`${SECRET}\n`);
      if (engine === "embedded") {
        expect(secret.err).toMatch(/did not succeed: it failed, was stopped, or is still running/);
      }
    });
  });
}
