"use strict";
/*
 * A lock between processes: a file that names its holder, and when that began. A holder that died does not block the
 * others.
 */
const fs = require("node:fs");
const { hasCode, ifThere, readIfThere, writing } = require("./files");

const POLL_MS = 200;

/**
 * Takes the lock, also from a process that has died.
 * @param {string} file
 * @returns {string | undefined} the number of the process that holds it; undefined when this one does now
 */
function takeLock(file) {
  const own = `${process.pid} ${startOf(process.pid)}`;
  if (put(file, own)) return undefined;
  const holder = readIfThere(file);
  // Released in this moment, and perhaps taken again: nothing of it is stale.
  if (holder === undefined) return put(file, own) ? undefined : "unknown";
  const stale = `${file}.${process.pid}.stale`;
  if (!isAlive(holder) && ifThere(() => [fs.renameSync(file, stale)]) !== undefined) {
    // Another process may have taken it over in between: then it goes back.
    const taken = readIfThere(stale) !== holder;
    if (taken) link(stale, file);
    fs.rmSync(stale, { force: true });
    if (!taken && put(file, own)) return undefined;
  }
  return (readIfThere(file) ?? "").split(" ")[0] || "unknown";
}

/** @param {string} file */
function releaseLock(file) {
  fs.rmSync(file, { force: true });
}

/**
 * Runs `work` while no other process holds the same lock; waits for as long as the holder lives.
 * @template T
 * @param {string} file
 * @param {() => T} work synchronous
 * @param {() => void} [onWait] called once when somebody else holds it
 * @returns {T}
 */
function withLock(file, work, onWait) {
  for (let tries = 0; takeLock(file) !== undefined; tries += 1) {
    if (tries === 1) onWait?.();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  // A failed `work` may end the process, and that skips `finally`.
  const release = () => {
    releaseLock(file);
  };
  process.once("exit", release);
  try {
    return work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/**
 * Writes the lock aside and links it into place, so that nobody sees it without its holder's name.
 * @param {string} file
 * @param {string} holder
 */
function put(file, holder) {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writing(file, () => {
      fs.writeFileSync(draft, holder);
    });
    return link(draft, file);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Gives a file a second name.
 * @param {string} from
 * @param {string} to
 * @returns {boolean} whether the name was free
 */
function link(from, to) {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** @param {string} holder a process, and when it began, where that is known */
function isAlive(holder) {
  const [pid = "", start] = holder.split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // A process of another user may not be signalled, but it lives.
    if (!hasCode(error, "EPERM")) return false;
  }
  const now = startOf(Number(pid));
  // Some systems hide the processes of other users.
  return start === undefined || now === "" || now === start;
}

/**
 * When a process began, where the system tells it: a number alone may since belong to another. A process that was
 * killed and not yet collected by its parent can still be signalled, but has no beginning any more.
 * @param {number} pid
 */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain spaces; after it come the state, and 19 fields on the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "none" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

module.exports = { releaseLock, takeLock, withLock };
