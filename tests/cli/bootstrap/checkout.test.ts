import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../../..");
const isRoot = process.getuid?.() === 0;
/** A user who owns nothing; for a test that runs as a normal user, that user. */
const OTHER = isRoot ? { uid: 65534, gid: 65534 } : {};

let checkout: string;
beforeEach(() => {
  checkout = fs.mkdtempSync(path.join(os.tmpdir(), "sark-foreign-"));
  fs.chmodSync(checkout, 0o755);
  for (const folder of ["cli/bootstrap", "components/files"]) {
    fs.mkdirSync(path.join(checkout, folder), { recursive: true });
    const files = fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(".js"));
    for (const file of files) {
      fs.copyFileSync(path.join(ROOT, folder, file), path.join(checkout, folder, file));
    }
  }
  fs.writeFileSync(path.join(checkout, "package.json"), "{}");
  fs.writeFileSync(path.join(checkout, "package-lock.json"), '{"packages":{}}');
});
afterEach(() => {
  spawnSync("chmod", ["-R", "u+rwX", checkout]);
  fs.rmSync(checkout, { recursive: true, force: true });
});

/** @param folder to which the other user gets no write access */
function close(folder: string, mode = 0o555): string {
  const closed = path.join(checkout, folder);
  fs.mkdirSync(closed, { recursive: true });
  if (isRoot) {
    for (
      let open = path.dirname(closed);
      open.length >= checkout.length;
      open = path.dirname(open)
    ) {
      fs.chownSync(open, 65534, 65534);
    }
  }
  fs.chmodSync(closed, mode);
  return closed;
}

it.each([
  ["", 0o755],
  [".sark", 0o755],
  [".sark/build", 0o755],
  [".sark/state", 0o700],
  [".sark/local", 0o711],
])("every command refuses a checkout whose folder %j belongs to another user", (name, mode) => {
  const folder = close(name, isRoot ? mode : 0o555);
  for (const command of ["status", "up", "destroy", "--help"]) {
    const run = spawnSync(process.execPath, ["cli/bootstrap/bootstrap.js", command], {
      ...OTHER,
      cwd: checkout,
      encoding: "utf8",
    });
    const { username } = os.userInfo({ encoding: "utf8" });
    const owner = isRoot ? "root" : `the user with the uid ${process.getuid?.() ?? 0}`;
    expect({ status: run.status, stdout: run.stdout, stderr: run.stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `The user ${isRoot ? "nobody" : username} cannot write to ${folder}, which belongs to ${owner}. ` +
        "Run the command as that user, or use a checkout of your own.\n",
    });
  }
});

const LINKED =
  "so built files would not find this checkout's packages. " +
  "Remove the link. To keep the data elsewhere, make .sark/local a symbolic link.";

it.each<[string, (link: string) => void, string]>([
  [
    "a link to nothing",
    (link) => {
      fs.symlinkSync("/nowhere/at-all", link);
    },
    `is a symbolic link to /nowhere/at-all, ${LINKED}`,
  ],
  [
    "a link to itself",
    (link) => {
      fs.symlinkSync(".sark", link);
    },
    `is a symbolic link to .sark, ${LINKED}`,
  ],
  [
    "a link to a folder",
    (link) => {
      fs.symlinkSync("/tmp", link);
    },
    `is a symbolic link to /tmp, ${LINKED}`,
  ],
  [
    "a file",
    (link) => {
      fs.writeFileSync(link, "");
    },
    "is not a folder, and every command writes there. Move it away.",
  ],
])("a checkout whose .sark is %s is refused", (_, make, sentence) => {
  make(path.join(checkout, ".sark"));
  const run = spawnSync(process.execPath, ["cli/bootstrap/bootstrap.js", "preview"], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect({ status: run.status, stdout: run.stdout, stderr: run.stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr: `${path.join(checkout, ".sark")} ${sentence}\n`,
  });
});

it.each([
  [".sark/state", "/nowhere/at-all"],
  [".sark/local", "nowhere"],
  [".sark/build", "build"],
  [".sark/logs", "/etc/hostname"],
  [".sark/state/pulumi", "../nowhere"],
])("a checkout whose %s links to %s, which is not a folder, is refused", (name, target) => {
  const link = path.join(checkout, name);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.symlinkSync(target, link);
  expect(refusal()).toBe(
    `${link} is a symbolic link to ${target}, which is not a folder. Create that folder, or remove the link.\n`,
  );
});

it.each([".sark/state", ".sark/local", ".sark/build", ".sark/logs", ".sark/state/embedded"])(
  "a checkout whose %s is a file is refused",
  (name) => {
    const file = path.join(checkout, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "");
    expect(refusal()).toBe(
      `${file} is not a folder, and every command writes there. Move it away.\n`,
    );
  },
);

it.each([
  ["a folder", os.tmpdir()],
  ["a folder of the local home that was removed", "/var/lib/sark-databases/000000000000"],
])("a checkout whose .sark/local links to %s is accepted", (_, target) => {
  fs.mkdirSync(path.join(checkout, ".sark"));
  fs.symlinkSync(target, path.join(checkout, ".sark", "local"));
  expect(refusal()).toBe("");
});

/** The output of the check alone. */
function refusal(): string {
  const program = `require("./cli/bootstrap/checkout.js").refuseForeignCheckout(${JSON.stringify(checkout)});`;
  return spawnSync(process.execPath, ["-e", program], { cwd: checkout, encoding: "utf8" }).stderr;
}

it("a checkout on a read-only file system is refused with that cause", () => {
  const program =
    `const fs = require("fs"); fs.accessSync = () => { throw Object.assign(new Error(), { code: "EROFS" }); };` +
    `require("./cli/bootstrap/checkout.js").refuseForeignCheckout(${JSON.stringify(checkout)});`;
  const run = spawnSync(process.execPath, ["-e", program], { cwd: checkout, encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stderr).toBe(
    `${checkout} is on a read-only file system, and every command writes there. Use a writable checkout.\n`,
  );
});
