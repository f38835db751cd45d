"use strict";
/*
 * Installs exactly the packages of package-lock.json if they are missing. Uses only Node. Writes nothing to standard
 * output, which belongs to the command.
 */
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");
const { readIfThere } = require("../../components/files/files");
const { withLock } = require("../../components/files/process-lock");

const projectRoot = path.join(__dirname, "../..");

/**
 * Runs `npm ci` unless node_modules matches package-lock.json. If npm fails, prints its errors and exits with 1. Two
 * commands that start at the same time install once.
 * @param {string} [root]
 */
function ensureInstalled(root = projectRoot) {
  if (isInstalled(root)) return;
  refuseLink(root);
  fs.mkdirSync(path.join(root, ".sark", "logs"), { recursive: true });
  withLock(
    path.join(root, ".sark", "install.lock"),
    () => {
      if (!isInstalled(root)) install(root);
    },
    () => process.stderr.write("Waiting for another command that is installing the packages ...\n"),
  );
}

/**
 * Refuses a node_modules that is a link: npm empties the folder first, and it may belong to somebody else.
 * @param {string} root
 */
function refuseLink(root) {
  const folder = path.join(root, "node_modules");
  if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  process.stderr.write(
    `node_modules is a symbolic link to ${fs.readlinkSync(folder)}, and the packages there do not match ` +
      "package-lock.json. Install them there, or remove the link.\n",
  );
  process.exit(1);
}

/**
 * True if our own stamp matches, or if npm's record of installed packages matches the lock file (after `npm ci` or `npm
 * install` by hand).
 * @param {string} root
 */
function isInstalled(root) {
  const stampFile = path.join(root, "node_modules", ".sark-installed");
  const stamp = stampOf(root);
  if (stamp === undefined) return false;
  if (readIfThere(stampFile) === stamp) return true;
  if (!agrees(readPackages(root, "package-lock.json"), readPackages(root, hiddenLock)))
    return false;
  fs.writeFileSync(stampFile, stamp);
  return true;
}

const hiddenLock = path.join("node_modules", ".package-lock.json");

/**
 * Hash of the lock file, platform, and time of npm's own record; undefined if nothing is installed.
 * @param {string} root
 */
function stampOf(root) {
  const record = fs.statSync(path.join(root, hiddenLock), { throwIfNoEntry: false });
  if (record === undefined) return undefined;
  const lock = fs.readFileSync(path.join(root, "package-lock.json"));
  const hash = createHash("sha256").update(lock).digest("hex");
  return `${hash} ${process.platform}-${process.arch} ${record.mtimeMs}\n`;
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 * @param {Record<string, LockedPackage>} wanted
 * @param {Record<string, LockedPackage>} installed
 */
function agrees(wanted, installed) {
  const missing = Object.entries(wanted).some(([where, one]) => {
    if (where === "") return false;
    const found = installed[where];
    // Packages for other platforms are optional, and so may be missing.
    if (found === undefined) return one.optional !== true;
    return found.version !== one.version || found.integrity !== one.integrity;
  });
  return !missing && Object.keys(installed).every((where) => where in wanted);
}

/**
 * @param {string} root
 * @param {string} file
 * @returns {Record<string, LockedPackage>}
 */
function readPackages(root, file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/** @param {string} root */
function install(root) {
  const log = path.join(".sark", "logs", "npm-ci.log");
  process.stderr.write(`Installing the packages of package-lock.json (npm ci, log: ${log}) ...\n`);
  const started = Date.now();
  const output = fs.openSync(path.join(root, log), "w");
  const [command, ...first] = npm();
  // Explicit, since NODE_ENV=production or a user's .npmrc could exclude packages, and this project's .npmrc silences npm.
  const flags = [
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--loglevel=notice",
  ];
  const run = spawnSync(command, [...first, "ci", ...flags], {
    cwd: root,
    stdio: ["ignore", output, output],
  });
  fs.closeSync(output);
  if (run.status !== 0) fail(root, log, run.error);
  const stamp = stampOf(root);
  if (stamp !== undefined)
    fs.writeFileSync(path.join(root, "node_modules", ".sark-installed"), stamp);
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`Installed in ${seconds} s.\n`);
}

/**
 * The npm that started this command, otherwise the one on the PATH.
 * @returns {[string, ...string[]]}
 */
function npm() {
  const running = process.env["npm_execpath"];
  if (running !== undefined && path.basename(running) === "npm-cli.js")
    return [process.execPath, running];
  return ["npm"];
}

/**
 * @param {string} root
 * @param {string} log
 * @param {Error | undefined} error
 * @returns {never}
 */
function fail(root, log, error) {
  const lines = (readIfThere(path.join(root, log)) ?? "").split("\n");
  // npm prints the error first, and then its usage.
  const reasons = lines.filter((line) => /^npm (error|ERR!) \S/.test(line)).slice(0, 12);
  process.stderr.write(`${error === undefined ? reasons.join("\n") : error.message}\n`);
  process.stderr.write(`npm ci failed. Full log: ${log}\n`);
  process.exit(1);
}

module.exports = { ensureInstalled };
