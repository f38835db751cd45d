import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ensureBuilt } from "../../../cli/bootstrap/build";
import { scratchFolder } from "../support/fakes";
import { StackCopy } from "../../../scratch/scratch-stack";

const ENTRIES = { main: "main.ts" };

/** A project of two files, and the output of its bundle. */
function project() {
  const root = scratchFolder();
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  write("main.ts", 'import { word } from "./lib/word";\nconsole.log(word as string);\n');
  write("lib/word.ts", 'export const word = "first";\n');
  waitForNextTick();
  const build = () => ensureBuilt("main", { root, entries: ENTRIES });
  const says = () => spawnSync(process.execPath, [build()], { encoding: "utf8" }).stdout.trim();
  const builtAt = () => fs.statSync(path.join(root, ".sark", "build", "main.js")).ino;
  return { root, write, build, says, builtAt };
}

/** By design, a source that changes in the millisecond in which the build starts is built twice. */
function waitForNextTick(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}

describe("ensureBuilt", () => {
  it("builds once, and not again while nothing changes", () => {
    const { build, says, builtAt } = project();
    expect(says()).toBe("first");
    const inode = builtAt();
    const started = performance.now();
    build();
    expect(performance.now() - started).toBeLessThan(50);
    expect(builtAt()).toBe(inode);
  });

  it("rebuilds after an edit that keeps size and modification time", () => {
    const { root, write, says } = project();
    expect(says()).toBe("first");
    const file = path.join(root, "lib", "word.ts");
    const { atime, mtime } = fs.statSync(file);
    write("lib/word.ts", 'export const word = "third";\n');
    fs.utimesSync(file, atime, mtime);
    expect(says()).toBe("third");
  });

  it("rebuilds when an import resolves to a new file", () => {
    const { root, write, says } = project();
    fs.renameSync(path.join(root, "lib", "word.ts"), path.join(root, "lib", "word.js.ts"));
    fs.mkdirSync(path.join(root, "lib", "word"));
    write("lib/word/index.ts", 'export const word = "folder";\n');
    waitForNextTick();
    expect(says()).toBe("folder");
    write("lib/word.ts", 'export const word = "file";\n');
    waitForNextTick();
    expect(says()).toBe("file");
  });

  it("rebuilds when its output was deleted or changed", () => {
    const { root, build, says } = project();
    build();
    fs.writeFileSync(path.join(root, ".sark", "build", "main.js"), "console.log('old')");
    expect(says()).toBe("first");
    fs.rmSync(path.join(root, ".sark", "build"), { recursive: true });
    expect(says()).toBe("first");
  });

  it("reports file and line of a syntax error, and keeps the last build", () => {
    const { root, write, build, says } = project();
    build();
    write("lib/word.ts", "export const word = ;\n");
    expect(build).toThrow(/The sources cannot be built: 1 error:\nlib\/word\.ts:1:20: ERROR/);
    expect(fs.existsSync(path.join(root, ".sark", "build", "main.js"))).toBe(true);
    write("lib/word.ts", 'export const word = "mended";\n');
    waitForNextTick();
    expect(says()).toBe("mended");
  });

  it("leaves no temporary file behind", () => {
    const { root, build } = project();
    build();
    expect(fs.readdirSync(path.join(root, ".sark", "build")).sort()).toEqual([
      "main.js",
      "main.js.map",
      "manifest.json",
    ]);
  });
});

it("a copy of the checkout has its build, and does not build again", async () => {
  const stack = await StackCopy.make();
  try {
    const written = (file: string) => fs.statSync(path.join(stack.folder, ".sark/build", file)).ino;
    const built = () => written("manifest.json");
    const [copied, packages] = [built(), written("packages.json")];
    await stack.mustRun("help");
    expect(built()).toBe(copied);
    expect(written("packages.json")).toBe(packages);
    fs.appendFileSync(path.join(stack.folder, "index.ts"), "\n");
    await stack.mustRun("help");
    expect(built()).not.toBe(copied);
  } finally {
    await stack.remove();
  }
});

it("the build asks Node for no module that is deprecated", () => {
  const text = fs.readFileSync(ensureBuilt("program"), "utf8");
  expect(text).toContain("toASCII");
  expect(text).not.toMatch(/require\("(?:node:)?(?:punycode|url\/|domain|sys)"\)/);
});
