import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { version } from "typescript";
import { linkPackages } from "../../../scratch/packages";
import { scratchFolder } from "../support/fakes";

const ROOT = path.resolve(__dirname, "../../..");
const BOOTSTRAP = path.join(ROOT, "cli/bootstrap");

/** A project whose program loads the given modules, with this project's packages. */
function project(modules: readonly string[] = ["@pulumi/pulumi", "pg"]) {
  const root = scratchFolder();
  fs.copyFileSync(path.join(ROOT, "package.json"), path.join(root, "package.json"));
  fs.writeFileSync(path.join(root, "package-lock.json"), "{}");
  fs.writeFileSync(path.join(root, "tsconfig.json"), "{}");
  linkPackages(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
  const imports = modules.map((name, i) => `import * as m${i} from "${name}";\nvoid m${i}.x;`);
  fs.writeFileSync(path.join(root, "main.ts"), imports.join("\n"));
  // A source that changes in the millisecond in which the build starts is built twice.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  const folder = path.join(root, ".sark", "build");
  /** Runs code in a process with bundled packages, in which `show` prints a value; returns the values. */
  const run = (code: string): unknown[] => {
    const script = `
      require(${JSON.stringify(`${BOOTSTRAP}/build`)}).ensureBuilt("main", { root: ${JSON.stringify(root)}, entries: { main: "main.ts" } });
      require(${JSON.stringify(`${BOOTSTRAP}/packages`)}).servePackages(${JSON.stringify(root)});
      require = require("node:module").createRequire(${JSON.stringify(path.join(folder, "x.js"))});
      const show = (value) => console.log(JSON.stringify(value ?? null));
      ${code}`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
      cwd: root,
      encoding: "utf8",
    });
    if (stderr !== "") throw new Error(stderr);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  };
  const caches = () => fs.readdirSync(folder).filter((name) => name.endsWith(".cache"));
  return { root, folder, run, caches };
}

/** Prints the files of node_modules that this process has compiled. */
const COMPILED = `
  const { prototype } = require("node:module");
  const compile = prototype._compile;
  const compiled = [];
  prototype._compile = function (code, file) {
    compiled.push(file.replace(/.*node_modules./, ""));
    return compile.call(this, code, file);
  };`;

describe("bundled packages", () => {
  it("load without any file of node_modules", () => {
    const { run } = project();
    expect(run(`${COMPILED} require("@pulumi/pulumi"); require("pg"); show(compiled);`)).toEqual([
      [],
    ]);
  });

  it("contain every module that the manifest lists", () => {
    const { run, folder } = project(["pg"]);
    run("");
    const text = fs.readFileSync(path.join(folder, "packages.js"), "utf8");
    const { modules } = JSON.parse(fs.readFileSync(path.join(folder, "packages.json"), "utf8")) as {
      modules: string[];
    };
    expect(modules).toContain("node_modules/pg/lib/index.js");
    expect(modules.filter((name) => !text.includes(`\n  "${name}"(`))).toEqual([]);
  });

  it("exist once in a process, by any path and for packages outside the bundle", () => {
    const { run } = project();
    const [same] = run(`
      const pulumi = require("@pulumi/pulumi");
      const kubernetes = require("@pulumi/kubernetes");
      import("pg").then((pg) => show({
        internal: require("@pulumi/pulumi/output").Output === pulumi.Output,
        unbundled: kubernetes.Provider.prototype instanceof pulumi.ProviderResource,
        module: pg.default === require("pg"),
      }));`);
    expect(same).toEqual({ internal: true, unbundled: true, module: true });
  });

  it("load what the SDK needs for closures at its first use", () => {
    const { run } = project();
    const [before, paths, shim, after] = run(`${COMPILED}
      const { runtime } = require("@pulumi/pulumi");
      const needed = ["@npmcli/arborist", "normalize-package-data", "typescript"];
      const loaded = () => needed.filter((name) => compiled.some((file) => file.startsWith(name)));
      show(loaded());
      runtime.computeCodePaths().then((paths) => {
        show([...paths.keys()]);
        show(require("@pulumi/pulumi/typescript-shim").version);
        show(loaded());
      });`);
    expect(before).toEqual([]);
    expect(paths).toContain("node_modules/pg");
    expect(shim).toBe(version);
    expect(after).toEqual(["@npmcli/arborist", "normalize-package-data", "typescript"]);
  });

  it("keep the code that V8 has compiled, until a process needs more", () => {
    const { run, folder, caches } = project();
    run(`require("pg");`);
    const [cache = ""] = caches();
    const size = () => fs.statSync(path.join(folder, cache)).size;
    const first = size();
    run(`require("@pulumi/pulumi");`);
    const second = size();
    expect(second).toBeGreaterThan(first);
    run(`require("pg");`);
    expect(size()).toBe(second);
    expect(caches()).toEqual([cache]);
  });

  it("ignore the compiled code of another bundle, and code that V8 refuses", () => {
    const { run, folder, caches } = project();
    run(`require("pg");`);
    const file = path.join(folder, caches()[0] ?? "");
    const kept = fs.readFileSync(file);
    const another = Buffer.concat([Buffer.from("0".repeat(64)), kept.subarray(64)]);
    for (const code of [another, kept.subarray(0, -1), Buffer.alloc(0)]) {
      fs.writeFileSync(file, code);
      expect(run(`show(typeof require("pg").Client);`)).toEqual(["function"]);
      expect(fs.readFileSync(file)).not.toEqual(code);
    }
  });

  it("are built again after npm has installed packages", () => {
    const { run, root, folder } = project(["pg"]);
    run("");
    const built = () => fs.statSync(path.join(folder, "packages.json")).ino;
    const first = built();
    run("");
    expect(built()).toBe(first);
    fs.writeFileSync(path.join(root, "package-lock.json"), "{ }");
    run("");
    expect(built()).not.toBe(first);
  });

  it("load from node_modules when the bundle cannot be written", () => {
    const { run, folder } = project(["pg"]);
    fs.mkdirSync(path.join(folder, "packages.js", "in-the-way"), { recursive: true });
    const [compiled] = run(`${COMPILED} require("pg"); show(compiled);`);
    expect(compiled).toContain("pg/lib/index.js");
  });
});
