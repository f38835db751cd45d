import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { scratchFolder } from "../support/fakes";

const PROJECT = path.join(__dirname, "../../..");
const LOCK = {
  packages: {
    "": { name: "project" },
    "node_modules/needed": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/for-another-platform": {
      version: "1.0.0",
      integrity: "sha512-b",
      optional: true,
    },
  },
};
const INSTALLED = { packages: { "node_modules/needed": LOCK.packages["node_modules/needed"] } };

/** A fresh clone with a fake npm that records its calls and installs one package. */
function clone(npm = "") {
  const root = scratchFolder();
  for (const file of ["cli/bootstrap/install.js", "components/files"]) {
    fs.cpSync(path.join(PROJECT, file), path.join(root, file), { recursive: true });
  }
  fs.writeFileSync(path.join(root, "package-lock.json"), JSON.stringify(LOCK));
  const npmCli = path.join(root, "npm-cli.js");
  fs.writeFileSync(
    npmCli,
    `const fs = require("fs");
     fs.appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
     console.log("chatter on standard output");
     ${npm}
     fs.rmSync("node_modules", { recursive: true, force: true });
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
     fs.mkdirSync("node_modules/needed", { recursive: true });
     fs.writeFileSync("node_modules/.package-lock.json", ${JSON.stringify(JSON.stringify(INSTALLED))});`,
  );
  const run = () =>
    new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const script =
        'require("./cli/bootstrap/install").ensureInstalled(); console.log("the command");';
      const child = spawn(process.execPath, ["-e", script], {
        cwd: root,
        env: { ...process.env, npm_execpath: npmCli },
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.on("data", (data: Buffer) => (output.stdout += data.toString()));
      child.stderr.on("data", (data: Buffer) => (output.stderr += data.toString()));
      child.once("close", (code) => {
        resolve({ code, ...output });
      });
    });
  const calls = () => {
    const file = path.join(root, "calls");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  };
  return { root, run, calls };
}

describe("ensureInstalled in a fresh clone", () => {
  it("installs the packages of the lock file, and writes nothing to standard output", async () => {
    const { run, calls } = clone();
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "the command\n" });
    expect(stderr).toMatch(
      /^Installing the packages of package-lock\.json .*\nInstalled in \d+ s\.\n$/,
    );
    expect(calls()).toEqual([
      "ci --include=dev --include=optional --no-audit --no-fund --loglevel=notice",
    ]);
  });

  it("installs nothing the second time", async () => {
    const { run, calls } = clone();
    await run();
    expect((await run()).stderr).toBe("");
    expect(calls()).toHaveLength(1);
  });

  it("installs once when two commands start together", async () => {
    const { root, run, calls } = clone();
    const runs = await Promise.all([run(), run(), run()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(calls()).toHaveLength(1);
    expect(fs.readdirSync(path.join(root, ".sark"))).toEqual(["logs"]);
  });

  it("installs again after the lock file changed or packages were deleted", async () => {
    const { root, run, calls } = clone();
    await run();
    const more = { ...LOCK.packages, "node_modules/more": { version: "2.0.0" } };
    fs.writeFileSync(path.join(root, "package-lock.json"), JSON.stringify({ packages: more }));
    await run();
    expect(calls()).toHaveLength(2);
    fs.rmSync(path.join(root, "node_modules"), { recursive: true });
    await run();
    expect(calls()).toHaveLength(3);
  });

  it("accepts packages installed by hand if they match the lock file", async () => {
    const { root, run, calls } = clone();
    fs.mkdirSync(path.join(root, "node_modules"));
    const record = path.join(root, "node_modules", ".package-lock.json");
    fs.writeFileSync(record, JSON.stringify(INSTALLED));
    await run();
    expect(calls()).toEqual([]);

    const other = { packages: { "node_modules/needed": { version: "1.0.1" } } };
    fs.writeFileSync(record, JSON.stringify(other));
    await run();
    expect(calls()).toHaveLength(1);
  });

  it("ignores the lock of a killed command", async () => {
    const { root, run } = clone();
    fs.mkdirSync(path.join(root, ".sark"));
    const dead = spawn("true");
    await new Promise((resolve) => dead.once("close", resolve));
    fs.writeFileSync(path.join(root, ".sark", "install.lock"), String(dead.pid));
    expect((await run()).code).toBe(0);
  });

  it("refuses a node_modules that is a link, and does not empty its target", async () => {
    const { root, run, calls } = clone();
    const other = scratchFolder();
    fs.symlinkSync(other, path.join(root, "node_modules"));
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(`node_modules is a symbolic link to ${other}`);
    expect(calls()).toEqual([]);
  });

  it("exits with npm's own errors when npm fails", async () => {
    const { run } = clone(
      'console.error("npm error code E404\\nnpm error\\nnpm error 404 no such package\\nnpm notice x"); process.exit(1);',
    );
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.split("\n").slice(1)).toEqual([
      "npm error code E404",
      "npm error 404 no such package",
      "npm ci failed. Full log: .sark/logs/npm-ci.log",
      "",
    ]);
  });
});
