"use strict";
/*
 * Refuses to run in a checkout that this user cannot write. Commands write everything to `.sark`, where another user's
 * servers, state and build are private to that user.
 */
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { SHARED_FOLDER, hasCode, ifThere } = require("../../components/files/files");

/** Folders that commands write to. Missing ones are created by the commands. */
const FOLDERS = [
  ".sark",
  ".sark/build",
  ".sark/logs",
  ".sark/state",
  ".sark/state/embedded",
  ".sark/state/pulumi",
  ".sark/local",
];

/**
 * Prints the problem and exits with 1 if a folder cannot be written.
 * @param {string} root
 */
function refuseForeignCheckout(root) {
  const problem = checkoutProblem(root);
  if (problem === undefined) return;
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

/**
 * @param {string} root
 * @returns {string | undefined}
 */
function checkoutProblem(root) {
  const misread = /[\\\p{Cc}]/u.exec(path.resolve(root));
  if (misread !== null) {
    return (
      `The path ${JSON.stringify(path.resolve(root))} contains ${JSON.stringify(misread[0])}, and Node cannot load ` +
      "packages from it. Move or rename the folder."
    );
  }
  const home = path.join(root, ".sark");
  const entry = fs.lstatSync(home, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) {
    return (
      `${home} is a symbolic link to ${fs.readlinkSync(home)}, so built files would not find this checkout's packages. ` +
      "Remove the link. To keep the data elsewhere, make .sark/local a symbolic link."
    );
  }
  const folders = entry === undefined ? [root] : FOLDERS.map((each) => path.join(root, each));
  for (const folder of folders) {
    try {
      const problem = kindProblem(folder);
      if (problem !== undefined) return problem;
      ifThere(() => fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK));
    } catch (error) {
      return problemOf(folder, error);
    }
  }
  return undefined;
}

/**
 * Describes a file or broken link that stands in the place of a folder; undefined if there is no problem.
 * @param {string} folder
 * @returns {string | undefined}
 */
function kindProblem(folder) {
  const entry = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (entry === undefined || entry.isDirectory()) return undefined;
  if (!entry.isSymbolicLink())
    return `${folder} is not a folder, and every command writes there. Move it away.`;
  const target = fs.readlinkSync(folder);
  // This link is the local home's own; it is created again when its target is gone.
  if (isFolder(folder) || path.dirname(target) === SHARED_FOLDER) return undefined;
  return `${folder} is a symbolic link to ${target}, which is not a folder. Create that folder, or remove the link.`;
}

/** @param {string} link */
function isFolder(link) {
  try {
    return fs.statSync(link, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // A link that points to itself.
    if (hasCode(error, "ELOOP")) return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {unknown} error
 */
function problemOf(folder, error) {
  if (hasCode(error, "EROFS")) {
    return `${folder} is on a read-only file system, and every command writes there. Use a writable checkout.`;
  }
  return (
    `The user ${userName()} cannot write to ${folder}, which belongs to ${ownerName(folder)}. ` +
    "Run the command as that user, or use a checkout of your own."
  );
}

function userName() {
  try {
    return os.userInfo().username;
  } catch {
    return `with the uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** @param {string} folder */
function ownerName(folder) {
  try {
    const { uid } = fs.statSync(folder);
    return uid === 0 ? "root" : `the user with the uid ${uid}`;
  } catch {
    return "another user";
  }
}

module.exports = { refuseForeignCheckout };
