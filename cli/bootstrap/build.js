"use strict";
/*
 * Builds the TypeScript sources into `.sark/build`. It rebuilds whenever a source file, a source folder or this file
 * has changed since the last build. Otherwise esbuild is not even loaded, and the check costs a few milliseconds.
 */
const fs = require("node:fs");
const { isBuiltin } = require("node:module");
const path = require("node:path");
const { writing } = require("../../components/files/files");
const { copyBuilt, freshManifest, manifestFile, putOutput, writeManifest } = require("./manifest");
const { copyPackages } = require("./packages");

const projectRoot = path.join(__dirname, "../..");

/** The entry points that are built, by name; paths from the project's root. */
const ENTRIES = {
  main: "cli/main.ts",
  program: "index.ts",
  providers: "components/resources/providers.ts",
  "timescale-main": "components/homes/local/timescale/timescale-main.ts",
  "metrics-main": "components/homes/local/monitoring/metrics-main.ts",
};

/** A package that the driver loads only if a variable is set, and that is not installed. */
const OPTIONAL = "pg-native";

/** Entry points that run as a user who may be unable to reach node_modules: built with all their packages. */
const STANDALONE = ["metrics-main"];

/**
 * @typedef {keyof typeof ENTRIES} BuildName
 * @typedef {{ root: string, directory: string, entries: Record<string, string> }} Project
 */

/**
 * Builds all entries if a source has changed, and returns the built file of one entry.
 * @param {BuildName} name
 * @param {{ root?: string, entries?: Record<string, string> }} [options] for tests: another project
 * @returns {string} absolute path of the built file
 * @throws {Error} when a source file has a syntax error or esbuild is not installed
 */
function ensureBuilt(name, options = {}) {
  const { root = projectRoot, entries = ENTRIES } = options;
  const directory = path.join(root, ".sark", "build");
  const project = { root, directory, entries };
  if (freshManifest(root, "manifest", entries) === undefined) build(project);
  return path.join(directory, `${name}.js`);
}

/**
 * Copies this checkout's build into a copy of the checkout, so that it is not built again.
 * @param {string} to folder of the copy, whose sources are alike
 */
function copyBuild(to) {
  ensureBuilt("main");
  copyBuilt(projectRoot, "manifest", to);
  copyPackages(projectRoot, to);
}

/** @param {Project} project */
function build(project) {
  const { root, directory, entries } = project;
  const started = Date.now();
  const result = bundle(project);
  writing(directory, () => fs.mkdirSync(directory, { recursive: true }));
  const outputs = result.outputFiles.map(({ path: file, contents }) => [
    path.relative(root, file),
    putOutput(file, contents),
  ]);

  const { inputs } = result;
  // Folders count as sources, since a new file can change what an import resolves to.
  const folders = new Set(inputs.flatMap(foldersAbove));
  const own = path.relative(root, path.join(__dirname, "build.js"));
  const sources = [...inputs, ...folders, own, "tsconfig.json"];
  // A file was edited during the build. esbuild may have read either version, so the next run rebuilds.
  const changed = inputs.map((input) =>
    fs.statSync(path.join(root, input), { throwIfNoEntry: false }),
  );
  if (changed.some((stat) => stat === undefined || stat.ctimeMs >= started)) {
    fs.rmSync(manifestFile(root, "manifest"), { force: true });
    return;
  }
  const { modules } = result;
  try {
    writeManifest(root, "manifest", {
      options: entries,
      modules,
      sources,
      outputs: Object.fromEntries(outputs),
    });
  } catch {
    // The disk is full. The build is usable; the next run only repeats it.
  }
}

/**
 * The modules of node_modules that the built files load at once: `import("...")` is for large packages that few
 * commands need.
 * @param {import("esbuild").Metafile} metafile
 */
function loadedModules({ outputs }) {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const names = imports.flatMap(({ path: name, kind, external }) =>
    external === true && kind === "require-call" && !isBuiltin(name) && name !== OPTIONAL
      ? [name]
      : [],
  );
  return [...new Set(names)].sort();
}

/**
 * `a/b/c.ts` lies in `a/b`, `a` and `.`.
 * @param {string} file
 * @returns {string[]}
 */
function foldersAbove(file) {
  const folder = path.dirname(file);
  return folder === file ? [] : [folder, ...foldersAbove(folder)];
}

/**
 * @param {Project} project
 * @returns {{ outputFiles: import("esbuild").OutputFile[], inputs: string[], modules: string[] }} the built files, their
 *   sources, and the modules of node_modules that they load
 * @throws {Error} with the compiler's message, which begins with file and line
 */
function bundle({ root, directory, entries }) {
  const esbuild = loadEsbuild();
  /** @param {[string, string][]} chosen @param {string[]} external */
  const run = (chosen, external) =>
    esbuild.buildSync({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(chosen),
      outdir: directory,
      bundle: true,
      external,
      // A bundled package asks for Node's own, which is deprecated and warns from Node 21 on.
      alias: { punycode: "punycode/punycode.js" },
      platform: "node",
      format: "cjs",
      target: "node20",
      keepNames: true,
      sourcemap: "linked",
      metafile: true,
      write: false,
      logLevel: "silent",
    });
  const all = Object.entries(entries);
  try {
    const results = [
      run(
        all.filter(([name]) => !STANDALONE.includes(name)),
        externalPackages(root),
      ),
      run(
        all.filter(([name]) => STANDALONE.includes(name)),
        [OPTIONAL],
      ),
    ];
    return {
      outputFiles: results.flatMap(({ outputFiles }) => outputFiles),
      inputs: [...new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))],
      modules: results.flatMap(({ metafile }) => loadedModules(metafile)),
    };
  } catch (error) {
    const text = String(error).replace(/^Error: Build failed with/, "The sources cannot be built:");
    throw new Error(text, { cause: error });
  }
}

/**
 * Packages stay in node_modules, except those that are ECMAScript modules only: an older Node cannot `require` them,
 * and the build keeps only the few of their many files that are used.
 * @param {string} root
 * @returns {string[]}
 */
function externalPackages(root) {
  const file = path.join(root, "package.json");
  const { dependencies = {} } = fs.existsSync(file)
    ? JSON.parse(fs.readFileSync(file, "utf8"))
    : {};
  return Object.keys(dependencies).filter((name) => !/^@(grafana|kubernetes-models)\//.test(name));
}

/** @returns {typeof import("esbuild")} */
function loadEsbuild() {
  try {
    return require("esbuild");
  } catch (cause) {
    throw new Error("The project's packages are not installed. Run `npm ci` in its folder.", {
      cause,
    });
  }
}

module.exports = { copyBuild, ensureBuilt };
