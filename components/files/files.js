"use strict";
/*
 * Small file tasks of the whole project. JavaScript, since the installation and the build use them before there is a
 * build.
 */
const fs = require("node:fs");

/** Where data goes when the servers' user cannot reach the checkout: `.sark/local` is a link to a folder in it. */
const SHARED_FOLDER = "/var/lib/sark-databases";

/**
 * True for an error of the system's with this code, such as `EEXIST`.
 * @param {unknown} error
 * @param {...string} codes
 */
function hasCode(error, ...codes) {
  // Not `instanceof`: a test runner's sandbox has an Error of its own.
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    codes.includes(String(error.code))
  );
}

/**
 * Looks at a file that another process may remove at any moment: to test for it first would be a race.
 * @template T
 * @param {() => T} look
 * @returns {T | undefined} undefined when there is no such file or folder
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
 * A file's text, or undefined when there is none.
 * @param {string} path
 */
function readIfThere(path) {
  return ifThere(() => fs.readFileSync(path, "utf8"));
}

/**
 * What keeps a file from being written, and what to do, by the system's code.
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
 * Does what writes a file. Where the disk is in the way, the error is a sentence for the user.
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
    // Commands print an error of this name without its stack trace.
    problem.name = "UserError";
    throw problem;
  }
}

/**
 * Replaces a file in one step, so that neither a kill, a full disk nor a reader finds half of it.
 * @param {string} file
 * @param {string | Uint8Array} contents
 * @param {{ mode?: number, finish?: (draft: string) => void }} [options] `finish` is done before the file gets its name
 */
function replaceFile(file, contents, { mode = 0o666, finish } = {}) {
  const draft = `${file}.${process.pid}.tmp`;
  writing(file, () => {
    try {
      // Node's permission model leaves no way to flush.
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
