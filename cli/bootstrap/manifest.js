"use strict";
/* Decides whether built files are up to date: a manifest in `.sark/build` lists their sources as they were. */
const fs = require("node:fs");
const path = require("node:path");
const { ifThere, replaceFile } = require("../../components/files/files");

/**
 * @typedef {Record<string, string>} Stamps by file, from the project's root
 * @typedef {{ options: string, modules: string[], sources: Stamps, outputs: Stamps }} Manifest `modules` are those
 *   of node_modules, which the built files load or hold
 */

/**
 * @param {string} root
 * @param {string} name
 */
function manifestFile(root, name) {
  return path.join(root, ".sark", "build", `${name}.json`);
}

/**
 * @param {string} root
 * @param {string} name
 * @param {unknown} options of the build
 * @returns {Manifest | undefined} undefined if an option, a source or a built file has changed
 */
function freshManifest(root, name, options) {
  const manifest = readManifest(root, name);
  if (manifest === undefined || manifest.options !== JSON.stringify(options)) return undefined;
  const fresh =
    Object.entries(manifest.sources).every(([file, was]) => stamp(path.join(root, file)) === was) &&
    // Another process may have finished a build of older sources later.
    Object.entries(manifest.outputs).every(
      ([file, was]) => identity(path.join(root, file)) === was,
    );
  return fresh ? manifest : undefined;
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {Manifest | undefined}
 */
function readManifest(root, name) {
  try {
    return JSON.parse(fs.readFileSync(manifestFile(root, name), "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {string} name
 * @param {{ options: unknown, modules: string[], sources: string[], outputs: Stamps }} built
 */
function writeManifest(root, name, { options, modules, sources, outputs }) {
  const stamps = sources.map((file) => [file, stamp(path.join(root, file))]);
  /** @type {Manifest} */
  const manifest = {
    options: JSON.stringify(options),
    modules,
    sources: Object.fromEntries(stamps),
    outputs,
  };
  replaceFile(manifestFile(root, name), JSON.stringify(manifest));
}

/**
 * Copies built files and their manifest into a copy of the project, whose sources are alike.
 * @param {string} root
 * @param {string} name
 * @param {string} to
 */
function copyBuilt(root, name, to) {
  const manifest = readManifest(root, name);
  if (manifest === undefined) return;
  fs.mkdirSync(path.join(to, ".sark", "build"), { recursive: true });
  const outputs = Object.keys(manifest.outputs).map((file) => {
    fs.copyFileSync(path.join(root, file), path.join(to, file));
    return [file, identity(path.join(to, file))];
  });
  writeManifest(to, name, {
    options: JSON.parse(manifest.options),
    modules: manifest.modules,
    sources: Object.keys(manifest.sources),
    outputs: Object.fromEntries(outputs),
  });
}

/**
 * Changes with every change of a file or folder. It includes ctime, which a copy that keeps the modification time
 * cannot set back.
 * @param {string} file
 */
function stamp(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
}

/**
 * Identifies a file; unlike {@link stamp} it survives a rename.
 * @param {string} file
 */
function identity(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}

/**
 * Writes a file atomically, since another process may be reading it. Does not write an unchanged file, so that
 * read-only commands work on a full disk.
 * @param {string} file
 * @param {Uint8Array} contents
 * @returns {string} the file's {@link identity}
 */
function putOutput(file, contents) {
  if (ifThere(() => fs.readFileSync(file))?.equals(contents)) return identity(file);
  let written = "";
  const finish = (/** @type {string} */ draft) => {
    written = identity(draft);
  };
  replaceFile(file, contents, { finish });
  return written;
}

module.exports = {
  copyBuilt,
  freshManifest,
  manifestFile,
  putOutput,
  readManifest,
  writeManifest,
};
