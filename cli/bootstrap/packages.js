"use strict";
/*
 * Bundles the packages that the commands load into one file, and lets `require` take them from it: one file with V8's
 * cached code loads in a third of the time of 700 files. Only commands use it; the Pulumi CLI's processes load
 * node_modules.
 */
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { createHash } = require("node:crypto");
const { ifThere, replaceFile } = require("../../components/files/files");
const { copyBuilt, freshManifest, putOutput, readManifest, writeManifest } = require("./manifest");

/** Packages that stay in node_modules. */
const NOT_BUNDLED = [
  // They find their own files by path.
  "esbuild",
  "libpg-query",
  // SDKs of thousands of files, of which few are loaded.
  "@pulumi/aws",
  "@pulumi/kubernetes",
  // Three megabytes for one option of one command.
  "echarts",
  // All that `help` loads, in less time than the bundle.
  "@commander-js/extra-typings",
  "commander",
  "fastest-levenshtein",
];

/**
 * Packages that the Pulumi SDK loads to serialise closures, half of its loading time. This project has no closures to
 * serialise, so each of them is replaced by what the SDK takes from it, and loads at its first use.
 * @type {Record<string, (load: () => any) => unknown>}
 */
const LATE = {
  typescript: (load) => new Proxy({}, { get: (_, name) => load()[name] }),
  "@npmcli/arborist": (load) => ({
    /** @param {unknown} options */
    Arborist: function Arborist(options) {
      return new (load().Arborist)(options);
    },
  }),
  "normalize-package-data":
    (load) =>
    (/** @type {unknown[]} */ ...values) =>
      load()(...values),
};

const OWN = path.join("cli", "bootstrap", "packages.js");

/** Length of a cache file's header. */
const HEADER = 72;

/** esbuild's own wrapper of a module, and ours, which adds the module to `modules` by its path. */
const WRAPPER = /^var __commonJS = [^]+?\n};$/m;
const OWN_WRAPPER = `var __commonJS = (wrapped, module) => {
  const [path] = Object.keys(wrapped);
  return modules[path] = () => {
    if (module) return module.exports;
    module = { exports: {} };
    count.evaluated += 1;
    try {
      (0, wrapped[path])(module.exports, module);
      return module.exports;
    } catch (error) {
      module = undefined;
      throw error;
    }
  };
};`;

/**
 * Lets this process load packages from the bundle, which is built if it is outdated. They are put into `require.cache`
 * by their paths, however they are asked for. So no second copy is loaded, and a file that is not in the bundle loads
 * from node_modules. Where the bundle cannot be written, as on a full disk, all of them do.
 * @param {string} root
 */
function servePackages(root) {
  const bundled = ensureBundled(root);
  /** @type {Record<string, () => unknown> | undefined} */
  let modules;
  /** @type {Map<string, string>} */
  const folders = new Map();
  for (const name of bundled) {
    const [, folder = "", rest = ""] = PARTS.exec(name) ?? [];
    // A package can be a link, and Node knows files by their real paths.
    const real = folders.get(folder) ?? fs.realpathSync.native(path.join(root, folder));
    folders.set(folder, real);
    const module = new Module(real + rest);
    Object.assign(module, { filename: module.id, loaded: true });
    Object.defineProperty(module, "exports", {
      get() {
        modules ??= evaluate(bundleFile(root));
        return modules[name]?.();
      },
    });
    require.cache[module.id] = module;
  }
}

/** Folder of a package in node_modules, and a file in it. */
const PARTS = /^(node_modules\/(?:@[^/]+\/)?[^/]+)(\/.+)$/;

/** @param {string} root */
function bundleFile(root) {
  return path.join(root, ".sark", "build", "packages.js");
}

/**
 * @param {string} root
 * @returns {string[]} paths of the bundle's modules; none if there is no bundle
 */
function ensureBundled(root) {
  const loaded = readManifest(root, "manifest")?.modules;
  // A source was edited during the build.
  if (loaded === undefined) return [];
  const names = loaded.filter((name) => !NOT_BUNDLED.includes(name));
  const fresh = freshManifest(root, "packages", names);
  if (fresh !== undefined) return fresh.modules;
  const { code, modules } = bundle(root, names);
  const hash = createHash("sha256").update(code).digest("hex");
  const file = bundleFile(root);
  // npm writes its own record when it installs packages.
  const sources = ["package-lock.json", path.join("node_modules", ".package-lock.json"), OWN];
  try {
    const written = putOutput(file, Buffer.from(`/*${hash}*/${code}`));
    const outputs = { [path.relative(root, file)]: written };
    writeManifest(root, "packages", { options: names, modules, sources, outputs });
    return modules;
  } catch {
    return [];
  }
}

/**
 * @param {string} root
 * @param {readonly string[]} names
 * @returns {{ code: string, modules: string[] }} the code of a function, and the paths of its modules
 */
function bundle(root, names) {
  const requests = names.map((name) => `require(${JSON.stringify(name)})`);
  const { outputFiles, metafile } = require("esbuild").buildSync({
    absWorkingDir: root,
    stdin: { contents: `exports.all = () => [${requests.join()}];`, resolveDir: root },
    bundle: true,
    external: [...NOT_BUNDLED, ...Object.keys(LATE)],
    platform: "node",
    format: "cjs",
    target: "node20",
    // The files that Node would load, by their paths in this project's node_modules.
    mainFields: ["main"],
    conditions: [],
    preserveSymlinks: true,
    keepNames: true,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const text = outputFiles[0]?.text ?? "";
  if (!WRAPPER.test(text) || text.includes("__esm("))
    throw new Error("A bundled package is not a CommonJS module.");
  const body = text.replace(WRAPPER, () => OWN_WRAPPER).replaceAll(NOT_ASCII, escaped);
  return {
    code: `(function (modules, count, require, exports, module, __filename, __dirname) {${body}\n})`,
    modules: Object.keys(metafile.inputs).filter((name) => PARTS.test(name)),
  };
}

/** Node reads a text fastest if it is ASCII. esbuild leaves other characters in regular expressions and comments. */
const NOT_ASCII = /[^\0-\x7f]/g;

/** @param {string} unit */
function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Evaluates the bundle with the code that V8 kept of an earlier process, and keeps the code of this process if it has
 * evaluated more modules. The cache file begins with the hash of the bundle and the number of these modules.
 * @param {string} file
 * @returns {Record<string, () => unknown>} modules by path, each evaluated at its first use
 */
function evaluate(file) {
  const source = fs.readFileSync(file, "latin1");
  const cacheFile = `${file}.${process.version}-${process.arch}.cache`;
  const hash = source.slice(2, 66);
  const cache = ifThere(() => fs.readFileSync(cacheFile));
  const known = cache?.toString("latin1", 0, 64) === hash ? cache : undefined;
  const script = new vm.Script(source, {
    filename: file,
    ...(known && { cachedData: known.subarray(HEADER) }),
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const modules = {};
  const count = { evaluated: 0 };
  script.runInThisContext()(modules, count, requireFrom(file), {}, {}, file, path.dirname(file));
  const before =
    script.cachedDataRejected === false ? Number(known?.toString("latin1", 64, HEADER)) : 0;
  process.once("exit", () => {
    if (count.evaluated <= before) return;
    const header = hash + String(count.evaluated).padStart(HEADER - 64);
    try {
      replaceFile(cacheFile, Buffer.concat([Buffer.from(header), script.createCachedData()]));
    } catch {
      // The disk is full. The next process compiles the code, too.
    }
  });
  return modules;
}

/**
 * The `require` of the bundle, for what it leaves out.
 * @param {string} file
 */
function requireFrom(file) {
  const load = Module.createRequire(file);
  /** @param {string} name */
  const loadLate = (name) => LATE[name]?.(() => load(name)) ?? load(name);
  return Object.assign(loadLate, load);
}

/**
 * Copies the bundle and its caches into a copy of this checkout.
 * @param {string} root
 * @param {string} to
 */
function copyPackages(root, to) {
  if (ensureBundled(root).length === 0) return;
  copyBuilt(root, "packages", to);
  const folder = path.dirname(bundleFile(root));
  for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".cache")))
    fs.copyFileSync(path.join(folder, name), path.join(path.dirname(bundleFile(to)), name));
}

module.exports = { copyPackages, servePackages };
