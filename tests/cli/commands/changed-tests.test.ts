import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedFiles, testsOfChange } from "../../../cli/commands/changed-tests";

const ROOT = join(__dirname, "../../..");

describe("the tests of a change", () => {
  it.each([
    [["package.json"], "a package"],
    [["jest.config.js", "cli/main.ts"], "the configuration of the tests"],
    [[".npmrc"], "a hidden file that nothing is known to read"],
    [["cli/main.ts", "scan/requirements.txt"], "a file that is not imported"],
  ])("are all tests after a change of %j: %s", (changed) => {
    expect(testsOfChange(changed)).toEqual([]);
  });

  it.each([
    ["sql/sark/000001_users.sql", "components/migrations/migration-folder.ts"],
    ["components/pool/plan/pool-plan.ts", "scratch/scratch-stack.ts"],
    ["Pulumi.dev.yaml", "tests/support/settings-files.ts"],
    ["README.md", "tests/readme.test.ts"],
    [".github/workflows/test.yml", "tests/workflows/workflow-files.ts"],
    [".oxlintrc.json", "tests/lint-rules.test.ts"],
    ["scan/aws/cloud.py", "scan/aws-plan.ts"],
    ["engine/embedded/state.ts", "tests/engine/embedded/harness.ts"],
    ["tests/support/timescale-worker.js", "tests/support/timescale-thread.ts"],
  ])("include, after a change of %s, those of %s, which reads it", (changed, reader) => {
    const files = testsOfChange([changed]).filter((each) => !each.startsWith("--"));
    expect(files).toEqual(expect.arrayContaining([changed, reader]));
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

it("the changed files are those that differ from a commit, and new ones", () => {
  const folder = mkdtempSync(join(tmpdir(), "sark-changed-"));
  try {
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
        cwd: folder,
      });
    git("init", "--quiet", "--initial-branch=main");
    writeFileSync(join(folder, "a.ts"), "1");
    git("add", ".");
    git("commit", "--quiet", "--message=first");
    expect(changedFiles(folder)).toEqual([]);
    git("checkout", "--quiet", "-b", "branch");
    writeFileSync(join(folder, "b.ts"), "2");
    git("add", ".");
    git("commit", "--quiet", "--message=second");
    writeFileSync(join(folder, "a.ts"), "3");
    writeFileSync(join(folder, "c.ts"), "4");
    expect(changedFiles(folder)).toEqual(["a.ts", "b.ts", "c.ts"]);
    expect(changedFiles(folder, "HEAD")).toEqual(["a.ts", "c.ts"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
