import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { findBackend, pulumiEnvironment } from "../../../engine/pulumi/pulumi-environment";
import { awaitUnlocked, lockedSince } from "../../../engine/pulumi/pulumi-lock";
import { prepareProject } from "../../../engine/pulumi/pulumi-project";
import { ownStateFolder } from "../../../engine/pulumi/pulumi-state";
import { scratchFolder } from "../../cli/support/fakes";

const SETTINGS = "config:\n  sark-databases:size: 5\n";

function project(stack = "local") {
  const root = scratchFolder();
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), "name: sark-databases\nruntime: nodejs\n");
  fs.writeFileSync(path.join(root, `Pulumi.${stack}.yaml`), SETTINGS);
  return { root, stack };
}

describe("the CLI's backend", () => {
  it("is a folder of the checkout, unless the user chose another", () => {
    const { root } = project();
    const home = scratchFolder();
    const own = pathToFileURL(ownStateFolder(root)).href;
    expect(findBackend(root, { HOME: home })).toEqual({ own: true, url: own });

    fs.mkdirSync(path.join(home, ".pulumi"));
    fs.writeFileSync(
      path.join(home, ".pulumi", "credentials.json"),
      '{"current":"https://api.pulumi.com"}',
    );
    const cloud = { own: false, url: "https://api.pulumi.com" };
    expect(findBackend(root, { HOME: home })).toEqual(cloud);

    fs.appendFileSync(path.join(root, "Pulumi.yaml"), "backend:\n  url: gs://bucket\n");
    expect(findBackend(root, { HOME: home })).toEqual({ own: false, url: "gs://bucket" });

    const named = { HOME: home, PULUMI_BACKEND_URL: "s3://state" };
    expect(findBackend(root, named)).toEqual({ own: false, url: "s3://state" });
  });

  it("is Pulumi Cloud if an access token is set", () => {
    const { root } = project();
    const env = { HOME: scratchFolder(), PULUMI_ACCESS_TOKEN: "token" };
    expect(findBackend(root, env)).toEqual({ own: false, url: "https://api.pulumi.com" });
  });
});

describe("the passphrase", () => {
  const environment = (ref: { root: string; stack: string }, env: NodeJS.ProcessEnv = {}) =>
    pulumiEnvironment(ref, { own: true, url: "file:///state" }, env);

  it("of the stack local is generated once, and only its owner can read it", () => {
    const ref = project();
    const file = environment(ref)["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    const first = fs.readFileSync(file, "utf8");
    expect(first.trim().length).toBeGreaterThan(40);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    environment(ref);
    expect(fs.readFileSync(file, "utf8")).toBe(first);
  });

  it("of the user is ignored for the stack local", () => {
    const env = environment(project(), { PULUMI_CONFIG_PASSPHRASE: "for production" });
    expect(env["PULUMI_CONFIG_PASSPHRASE"]).toBeUndefined();
  });

  it("of another stack is set by the user", () => {
    const ref = project("prod");
    const env = environment(ref, { PULUMI_CONFIG_PASSPHRASE: "for production" });
    expect(env["PULUMI_CONFIG_PASSPHRASE"]).toBe("for production");
    expect(env["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBeUndefined();
    expect(fs.existsSync(path.join(ref.root, ".sark", "state", "pulumi-passphrase"))).toBe(false);
  });
});

describe("the committed settings file", () => {
  const own = { own: true, url: "file:///state" };

  it("is copied, and the copy keeps its stack's salt when the settings change", () => {
    const ref = project();
    const { flags, stackFolder } = prepareProject(ref, own);
    const copy = path.join(stackFolder, "Pulumi.local.yaml");
    expect(flags).toEqual(["--config-file", copy]);
    expect(fs.readFileSync(copy, "utf8")).toBe(SETTINGS);

    fs.appendFileSync(copy, "encryptionsalt: v1:abc\n");
    const state = path.join(ownStateFolder(ref.root), ".pulumi", "stacks", "sark-databases");
    fs.mkdirSync(state, { recursive: true });
    fs.writeFileSync(path.join(state, "local.json"), "{}");
    const changed = SETTINGS.replace("5", "6");
    fs.writeFileSync(path.join(ref.root, "Pulumi.local.yaml"), changed);
    prepareProject(ref, own);
    expect(fs.readFileSync(copy, "utf8")).toBe(`${changed}encryptionsalt: v1:abc\n`);
    // A new stack gets a new passphrase, which does not fit the old salt.
    fs.rmSync(path.join(state, "local.json"));
    prepareProject(ref, own);
    expect(fs.readFileSync(copy, "utf8")).toBe(changed);
  });

  it.each([["encryptionsalt: v1:abc"], ["secretsprovider: awskms://key"]])(
    "with %s is used itself",
    (line) => {
      const ref = project();
      fs.appendFileSync(path.join(ref.root, "Pulumi.local.yaml"), `${line}\n`);
      expect(prepareProject(ref, own)).toEqual({ stackFolder: ref.root, flags: [], own: [] });
    },
  );

  it("is used itself on Pulumi Cloud", () => {
    const ref = project();
    const cloud = { own: false, url: "https://api.pulumi.com" };
    expect(prepareProject(ref, cloud).flags).toEqual([]);
  });
});

describe("a lock of the CLI", () => {
  const heard: string[] = [];
  const progress = {
    started: () => undefined,
    finished: () => undefined,
    failed: () => undefined,
    message: (_severity: string, text: string) => {
      heard.push(text);
    },
  };

  function lock(root: string, pid: number, hostname: string): string {
    const folder = path.join(
      ownStateFolder(root),
      ".pulumi/locks/organization/sark-databases/local",
    );
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${pid}.json`);
    fs.writeFileSync(file, JSON.stringify({ pid, hostname, username: "somebody" }));
    return file;
  }

  beforeEach(() => heard.splice(0));

  it("of a killed run gives the time of that run, and is removed", async () => {
    const ref = project();
    const { pid } = spawnSync("true");
    expect(lockedSince(ref)).toBeUndefined();
    const file = lock(ref.root, pid, os.hostname());
    expect(lockedSince(ref)).toEqual(fs.statSync(file).mtime);
    await awaitUnlocked(ref, progress);
    expect(fs.existsSync(file)).toBe(false);
    expect(heard).toEqual([`Removed the lock of a killed run (process ${pid}).`]);
  });

  it("of another machine is waited for", async () => {
    const ref = project();
    const file = lock(ref.root, 1, "another-machine");
    setTimeout(() => {
      fs.rmSync(file);
    }, 400);
    await awaitUnlocked(ref, progress);
    expect(heard).toEqual([
      "Another run (process 1 on another-machine) is changing stack local: waiting for it.",
    ]);
  });
});
