"use strict";
/*
 * A lock between processes: a file that names its holder. A holder that died does not block the
 * others.
 */
const fs = require("node:fs");

const POLL_MS = 200;

/**
 * Runs `work` while no other process holds the same lock; waits for as long as the holder lives.
 * @template T
 * @param {string} file
 * @param {() => T} work synchronous
 * @param {() => void} [onWait] called once when somebody else holds it
 * @returns {T}
 */
function withLock(file, work, onWait) {
  for (let tries = 0; !acquire(file); tries += 1) {
    if (tries === 1) onWait?.();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  // A failed `work` may end the process, and that skips `finally`.
  const release = () => {
    fs.rmSync(file, { force: true });
  };
  process.once("exit", release);
  try {
    return work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} file */
function acquire(file) {
  const draft = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(draft, String(process.pid));
    // A link appears whole or not at all: nobody sees a lock without its holder's name.
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    removeIfDead(file, draft);
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} draft a name of our own to move the dead lock to
 */
function removeIfDead(file, draft) {
  const holder = holderOf(file);
  if (holder === undefined || isAlive(holder)) return;
  const moved = `${draft}.dead`;
  try {
    fs.renameSync(file, moved);
    // Another process was quicker and what we moved is its lock: put it back.
    if (holderOf(moved) !== holder) fs.linkSync(moved, file);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "EEXIST")) throw error;
  } finally {
    fs.rmSync(moved, { force: true });
  }
}

/** @param {string} file */
function holderOf(file) {
  try {
    const pid = Number(fs.readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/**
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

module.exports = { withLock };
