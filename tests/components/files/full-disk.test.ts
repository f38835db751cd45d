/** Tests the project's own writers on a full disk: a small tmpfs for root, and simulated errors. */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { replaceFile } from "../../../components/files/files";
import { writePrivately } from "../../../components/homes/local/processes/private-files";
import { lockStack } from "../../../engine/embedded/stack-lock";
import { State } from "../../../engine/embedded/state";
import type { Plan } from "../../../engine/engine";
import { writePlan } from "../../../cli/report/saved-plan";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-full-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

const isRoot = process.getuid?.() === 0;
const BIG = "x".repeat(2 * 1024 * 1024);
const FULL = "the disk is full. Free space there, then run the command again.";
const PLAN: Plan = {
  engine: "embedded",
  stack: "local",
  resources: [],
  outputs: {},
  unchecked: [],
  constraint: BIG,
};

(isRoot ? describe : describe.skip)("on a full disk", () => {
  beforeEach(() => {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    if (mounted.status !== 0) throw new Error(`no tmpfs: ${mounted.stderr.toString()}`);
  });
  afterEach(() => {
    execFileSync("umount", [folder]);
  });

  /** Every file below the folder. */
  const files = (): readonly string[] =>
    fs
      .readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => fs.statSync(path.join(folder, name)).isFile());
  const fill = (): void => {
    expect(() => {
      fs.writeFileSync(path.join(folder, "filler"), BIG);
    }).toThrow("ENOSPC");
  };

  it.each([
    [
      "replaceFile",
      (file: string) => {
        replaceFile(file, BIG);
      },
    ],
    [
      "writePrivately",
      (file: string) => {
        writePrivately(file, BIG, undefined);
      },
    ],
    [
      "writePlan",
      (file: string) => {
        writePlan(file, PLAN);
      },
    ],
  ])(
    "%s keeps the previous file, leaves no other, and reports the problem in one sentence",
    (_name, write) => {
      const file = path.join(folder, "file.json");
      fs.writeFileSync(file, "before");
      expect(() => {
        write(file);
      }).toThrow(
        expect.objectContaining({
          name: "UserError",
          message: `${file} cannot be written: ${FULL}`,
        }) as Error,
      );
      expect(files()).toEqual(["file.json"]);
      expect(fs.readFileSync(file, "utf8")).toBe("before");
    },
  );

  it("state keeps what was last written", () => {
    const ref = { root: folder, stack: "local" };
    const state = State.open(ref, "sark-databases");
    const entry = { ...ENTRY, serial: 1, urn: "urn:pulumi:local::sark-databases::a:b:C::one" };
    state.put(entry);
    state.save();
    state.put({
      ...ENTRY,
      serial: 2,
      urn: "urn:pulumi:local::sark-databases::a:b:C::two",
      id: BIG,
    });
    const file = path.join(folder, ".sark", "state", "embedded", "local.json");
    expect(() => {
      state.save();
    }).toThrow(`${file} cannot be written: ${FULL}`);
    expect(State.read(ref)?.resources).toEqual([entry]);
    expect(files()).toEqual([".sark/state/embedded/local.json"]);
  });

  it("lock is not taken and leaves no file", () => {
    const ref = { root: folder, stack: "local" };
    fs.mkdirSync(path.join(folder, ".sark", "state", "embedded"), { recursive: true });
    fill();
    const file = path.join(folder, ".sark", "state", "embedded", "local.lock");
    expect(() => lockStack(ref)).toThrow(`${file} cannot be written: ${FULL}`);
    expect(files()).toEqual(["filler"]);
  });

  /** Builds in a separate process; returns the built file or the error. */
  const build = (): string => {
    const script = `require(${JSON.stringify(path.resolve("cli/bootstrap/build.js"))}).ensureBuilt("a", { root: ${JSON.stringify(folder)}, entries: { a: "a.ts" } })`;
    const wrapped = `try { process.stdout.write(${script}); } catch (error) { process.stdout.write(error.message); }`;
    return spawnSync(process.execPath, ["-e", wrapped], { encoding: "utf8" }).stdout;
  };

  it("existing build is used after a change next to the sources", () => {
    fs.writeFileSync(path.join(folder, "a.ts"), "export const a = 1;");
    fs.writeFileSync(path.join(folder, "tsconfig.json"), "{}");
    const built = path.join(folder, ".sark", "build", "a.js");
    expect(build()).toBe(built);
    fill();
    expect(build()).toBe(built);
  });

  it("build fails with one sentence and leaves no file", () => {
    fs.writeFileSync(path.join(folder, "a.ts"), "export const a = 1;");
    fs.writeFileSync(path.join(folder, "tsconfig.json"), "{}");
    fill();
    expect(build()).toMatch(/\.sark\/build\/a\.js(\.map)? cannot be written: the disk is full\. /);
    expect(new Set(files())).toEqual(new Set(["a.ts", "filler", "tsconfig.json"]));
  });
});

it.each([
  ["EDQUOT", "the disk quota is used up. Free space there, then run the command again."],
  ["EROFS", "the file system is read-only. Mount it for writing, then run the command again."],
  ["EIO", "the disk reports an error. Look at the kernel's log; the disk may be failing."],
  ["EACCES", "permission denied. Run the command as the user who owns it."],
])("replaceFile explains %s and leaves no draft", (code, words) => {
  const file = path.join(folder, "file.json");
  // Mocks the module itself, not this file's imported copy.
  jest.spyOn(jest.requireActual<typeof fs>("node:fs"), "renameSync").mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
  expect(() => {
    replaceFile(file, "text");
  }).toThrow(`${file} cannot be written: ${words}`);
  expect(fs.readdirSync(folder)).toEqual([]);
});

const ENTRY = {
  type: "a:b:C",
  custom: true,
  id: "one",
  inputs: {},
  outputs: {},
  parent: "",
  provider: "",
  dependencies: [],
  propertyDependencies: {},
  protect: false,
  retainOnDelete: false,
  deletedWith: "",
};
