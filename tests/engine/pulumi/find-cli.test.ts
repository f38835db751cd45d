import * as fs from "node:fs";
import * as path from "node:path";
import { fetchCli, rememberedFailure } from "../../../engine/pulumi/fetch-cli";
import { findCli } from "../../../engine/pulumi/find-cli";
import { fakeProgram, scratchFolder } from "../../cli/support/fakes";

const SYSTEM_PATH = "/usr/bin:/bin";

/** A machine without a CLI: an empty home, and a project with the SDK. */
function machine() {
  const folder = scratchFolder();
  const root = path.join(folder, "project");
  const sdk = path.join(root, "node_modules", "@pulumi", "pulumi");
  fs.mkdirSync(sdk, { recursive: true });
  fs.writeFileSync(path.join(sdk, "package.json"), '{"version":"3.270.0"}');
  const bin = path.join(folder, "bin");
  const env = { HOME: path.join(folder, "home"), PATH: `${bin}:${SYSTEM_PATH}` };
  return { root, bin, env };
}

describe("findCli", () => {
  it("finds a CLI on the PATH", async () => {
    const { root, bin, env } = machine();
    const command = fakeProgram(path.join(bin, "pulumi"), "echo v3.200.1");
    expect(await findCli(root, env)).toEqual({ command, version: "3.200.1", where: "on the PATH" });
  });

  it("finds the newest CLI of the npm package", async () => {
    const { root, env } = machine();
    for (const version of ["3.99.0", "3.210.0", "3.200.0"]) {
      const file = path.join(env.HOME, ".pulumi", "versions", version, "bin", "pulumi");
      fakeProgram(file, `echo v${version}`);
    }
    expect(await findCli(root, env)).toMatchObject({ version: "3.210.0" });
  });

  it("skips a CLI that is too old, and says why", async () => {
    const { root, bin, env } = machine();
    fakeProgram(path.join(bin, "pulumi"), "echo v3.90.0");
    expect(await findCli(root, env)).toEqual({
      command: undefined,
      reason: "no Pulumi CLI found; the CLI on the PATH is 3.90.0, but 3.140 is needed",
    });
  });

  it("gives up a CLI that hangs, and kills its processes", async () => {
    const { root, bin, env } = machine();
    const pidFile = path.join(bin, "pid");
    fakeProgram(path.join(bin, "pulumi"), `sleep 600 & echo $! > ${pidFile}; wait`);
    const started = performance.now();
    expect(await findCli(root, env, 400)).toMatchObject({
      command: undefined,
      reason: "no Pulumi CLI found; the CLI on the PATH does not answer",
    });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(await isGone(Number(fs.readFileSync(pidFile, "utf8")))).toBe(true);
  });

  it("finds none on an empty machine within a second", async () => {
    const { root, env } = machine();
    const started = performance.now();
    expect(await findCli(root, env)).toEqual({
      command: undefined,
      reason: "no Pulumi CLI found",
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("fetchCli", () => {
  const limits = { silence: 600, total: 20_000 };

  it("downloads the SDK's version with the npm package, and findCli finds it", async () => {
    const { root, bin, env } = machine();
    fakeProgram(
      path.join(bin, "npm"),
      `echo "$@" > ${bin}/arguments
       mkdir -p $PULUMI_HOME/versions/$PULUMI_VERSION/bin
       printf '#!/bin/sh\\necho v%s\\n' $PULUMI_VERSION > $PULUMI_HOME/versions/$PULUMI_VERSION/bin/pulumi
       chmod +x $PULUMI_HOME/versions/$PULUMI_VERSION/bin/pulumi`,
    );
    expect(await fetchCli(root, env, limits)).toBeUndefined();
    expect(await findCli(root, env)).toMatchObject({ version: "3.270.0", where: "in .sark/cli" });
    expect(fs.readFileSync(path.join(bin, "arguments"), "utf8")).toBe(
      "exec --yes --loglevel=notice --package=pulumi@^3 -- pulumi version\n",
    );
  });

  it("gives up without data, and does not try again for a day", async () => {
    const { root, bin, env } = machine();
    const pidFile = path.join(bin, "pid");
    fakeProgram(path.join(bin, "npm"), `sleep 600 & echo $! > ${pidFile}; wait`);
    const started = performance.now();
    expect(await fetchCli(root, env, limits)).toContain("no data for 0.6 s");
    expect(performance.now() - started).toBeLessThan(4000);
    expect(await isGone(Number(fs.readFileSync(pidFile, "utf8")))).toBe(true);

    expect(rememberedFailure(root)).toContain("no data for");
    expect(rememberedFailure(root, Date.now() + 25 * 60 * 60 * 1000)).toBeUndefined();
  });

  it("fails within ten seconds if the network drops all packets", async () => {
    const { root, bin, env } = machine();
    fakeProgram(path.join(bin, "npm"), "exec sleep 600");
    const started = performance.now();
    await fetchCli(root, env);
    expect(performance.now() - started).toBeLessThan(9000);
  }, 15_000);

  it("continues as long as data arrives", async () => {
    const { root, bin, env } = machine();
    fakeProgram(
      path.join(bin, "npm"),
      "for i in 1 2 3 4 5 6; do echo part >> $TMPDIR/download; sleep 0.3; done",
    );
    expect(await fetchCli(root, env, limits)).toBeUndefined();
  });

  it("names the log of a failed download", async () => {
    const { root, bin, env } = machine();
    fakeProgram(path.join(bin, "npm"), "echo the network is down; exit 1");
    expect(await fetchCli(root, env, limits)).toBe(
      "the download failed (npm exited with 1; .sark/logs/fetch-cli.log)",
    );
    const log = path.join(root, ".sark", "logs", "fetch-cli.log");
    expect(fs.readFileSync(log, "utf8")).toBe("the network is down\n");
  });
});

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
