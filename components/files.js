"use strict";
/*
 * Small file tasks of the whole project. JavaScript, since the installation and the build use them before there is a
 * build.
 */
const fs = require("node:fs");

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
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
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

module.exports = { hasCode, ifThere, readIfThere };
