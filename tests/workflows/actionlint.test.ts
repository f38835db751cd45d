import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { scannersAreHere } from "../support/installed-scanners";
import { ROOT } from "./workflow-files";

jest.setTimeout(300_000);

const VERSION = "v1.7.12";
const describeWithGo = scannersAreHere() ? describe : describe.skip;

describeWithGo(`actionlint ${VERSION} (skipped without python3 and go)`, () => {
  const folder = path.join(ROOT, ".sark", "tools", `actionlint-${VERSION}`);
  const run = (args: readonly string[], input = "") =>
    spawnSync(
      path.join(folder, "actionlint"),
      ["-no-color", "-shellcheck=", "-pyflakes=", ...args],
      {
        cwd: ROOT,
        input,
        encoding: "utf8",
      },
    );

  beforeAll(() => {
    if (fs.existsSync(folder)) return;
    const module = `github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`;
    const { status, stderr } = spawnSync("go", ["install", module], {
      env: { ...process.env, GOBIN: folder },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
  });

  it("finds nothing in the workflows", () => {
    expect(run([])).toMatchObject({ status: 0, stdout: "" });
  });

  it.each([
    ["an unknown input of a workflow", "stack: ${{ matrix.stack }}", "stage: dev"],
    ["an unknown context", "matrix.stack }}", "matrix.stage }}"],
    ["an unknown permission", "id-token: write", "id-tokens: write"],
    ["an unknown key", "cancel-in-progress: false", "cancel: false"],
  ])("reports %s", (_what, right, wrong) => {
    const text = fs.readFileSync(path.join(ROOT, ".github", "workflows", "deploy.yml"), "utf8");
    expect(text).toContain(right);
    const name = path.join(".github", "workflows", "deploy.yml");
    const { status, stdout } = run(["-stdin-filename", name, "-"], text.replace(right, wrong));
    expect(stdout).toContain(`${name}:`);
    expect(status).toBe(1);
  });
});
