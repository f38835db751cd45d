"use strict";
/*
 * Small file functions of the whole project. In JavaScript, because installation and build use them before anything is
 * built.
 */
const fs = require("node:fs");

/** Folder for data when the servers' user cannot access the checkout; `.sark/local` is then a link into it. */
const SHARED_FOLDER = "/var/lib/sark-databases";

/**
 * Whether an error is a system error with one of these codes, such as `EEXIST`.
 * @param {unknown} error
 * @param {...string} codes
 */
function hasCode(error, ...codes) {
  // Not `instanceof`: a test runner's sandbox has its own Error.
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    codes.includes(String(error.code))
  );
}

/**
 * Reads a file that another process may remove at any moment; testing for existence first would be a race.
 * @template T
 * @param {() => T} look
 * @returns {T | undefined} undefined when the file or folder does not exist
 */
function ifThere(look) {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

/**
 * Text of a file; undefined when it does not exist.
 * @param {string} path
 */
function readIfThere(path) {
  return ifThere(() => fs.readFileSync(path, "utf8"));
}

/**
 * Cause and remedy of write errors, by system error code.
 * @type {Readonly<Record<string, string>>}
 */
const PROBLEMS = {
  ENOSPC: "the disk is full. Free space there, then run the command again.",
  EDQUOT: "the disk quota is used up. Free space there, then run the command again.",
  EROFS: "the file system is read-only. Mount it for writing, then run the command again.",
  EIO: "the disk reports an error. Look at the kernel's log; the disk may be failing.",
  EACCES: "permission denied. Run the command as the user who owns it.",
  EPERM: "permission denied. Run the command as the user who owns it.",
};

/**
 * Runs a write operation. Disk and permission errors become a message for the user.
 * @template T
 * @param {string} file
 * @param {() => T} write
 * @returns {T}
 */
function writing(file, write) {
  try {
    return write();
  } catch (error) {
    const [code] = Object.keys(PROBLEMS).filter((each) => hasCode(error, each));
    if (code === undefined) throw error;
    const problem = new Error(`${file} cannot be written: ${PROBLEMS[code]}`, { cause: error });
    // Commands print errors of this name without a stack trace.
    problem.name = "UserError";
    throw problem;
  }
}

/**
 * Replaces a file atomically: neither a kill, a full disk nor a reader sees half of it.
 * @param {string} file
 * @param {string | Uint8Array} contents
 * @param {{ mode?: number, finish?: (draft: string) => void }} [options] `finish` runs before the
 *   file gets its name
 */
function replaceFile(file, contents, { mode = 0o666, finish } = {}) {
  const draft = `${file}.${process.pid}.tmp`;
  writing(file, () => {
    try {
      // Node's permission model does not allow flushing.
      fs.writeFileSync(draft, contents, { mode, flush: !("permission" in process) });
      finish?.(draft);
      fs.renameSync(draft, file);
    } catch (error) {
      fs.rmSync(draft, { force: true });
      throw error;
    }
  });
}

module.exports = { SHARED_FOLDER, hasCode, ifThere, readIfThere, replaceFile, writing };
