import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { PACKAGE, postgresBinaries } from "../../../../components/homes/local/processes/binaries";
import { isRoot } from "../../../../components/homes/local/processes/service-user";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "../../../..");

let folder: string;

/** A checkout with PostgreSQL's package as npm installs it without install scripts. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sark-users-")));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: sark-databases\n");
  const target = join(folder, "node_modules", PACKAGE);
  cpSync(dirname(postgresBinaries().native), target, {
    recursive: true,
    filter: (source) => !lstatSync(source).isSymbolicLink() && !source.endsWith(".a"),
  });
  buildSync({
    stdin: {
      contents: `
        import { startScratchPostgres } from "./scratch/scratch-postgres";
        startScratchPostgres({ template: false }).then(async (server) => {
          console.log("up");
          await server.stop();
          console.log("down");
        });`,
      resolveDir: ROOT,
    },
    outfile: join(folder, "scratch.js"),
    bundle: true,
    packages: "external",
    platform: "node",
    logLevel: "silent",
  });
});

afterEach(() => {
  const local = join(folder, ".sark", "local");
  if (existsSync(local)) {
    const base = realpathSync(local);
    rmSync(base, { recursive: true });
    if (readdirSync(dirname(base)).length === 0) rmdirSync(dirname(base));
  }
  rmSync(folder, { recursive: true, force: true });
});

it("root's servers in a folder that only root can enter run from a copy, also when several start at once", async () => {
  chmodSync(folder, 0o700);
  expect(await Promise.all([start(), start(), start()])).toEqual(Array(3).fill("up\ndown\n"));
  const native = join(folder, "node_modules", PACKAGE, "native");
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { target } of links as { target: string }[]) {
    expect(lstatSync(join(native, "..", target)).isSymbolicLink()).toBe(true);
  }
  const local = join(folder, ".sark", "local");
  expect(existsSync(local)).toBe(isRoot());
  if (isRoot()) {
    expect(lstatSync(local).isSymbolicLink()).toBe(true);
    expect(readdirSync(local)).toEqual([expect.stringMatching(/^native-18\./)]);
  }
});

it("a normal user's servers run as that user, and write nothing outside of the checkout", async () => {
  if (!isRoot()) {
    expect(await start()).toBe("up\ndown\n");
    return;
  }
  const { stdout } = spawnSync("id", ["-u", "nobody"], { encoding: "utf8" });
  const uid = Number(stdout);
  spawnSync("chown", ["-R", String(uid), folder]);
  chownSync(folder, uid, uid);
  chmodSync(folder, 0o700);
  expect(await start(uid)).toBe("up\ndown\n");
  expect(existsSync(join(folder, ".sark"))).toBe(false);
});

/** Starts and stops a server in a separate process. @returns the output of that process */
async function start(uid?: number): Promise<string> {
  const child = spawn(process.execPath, [join(folder, "scratch.js")], {
    cwd: folder,
    env: { PATH: process.env["PATH"], SARK_ROOT: folder },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await once(child, "close");
  return printed;
}
