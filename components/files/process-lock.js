"use strict";
/*
 * Lock between processes: a file with its holder's pid and start time. A dead holder does not block others.
 */
const fs = require("node:fs");
const { hasCode, ifThere, readIfThere, writing } = require("./files");

const POLL_MS = 200;

/**
 * Takes the lock, also from a dead process.
 * @param {string} file
 * @returns {string | undefined} pid of the holder; undefined when the lock was taken
 */
function takeLock(file) {
  const own = `${process.pid} ${startOf(process.pid)}`;
  if (put(file, own)) return undefined;
  const holder = readIfThere(file);
  // Just released, and perhaps taken again: it is not stale.
  if (holder === undefined) return put(file, own) ? undefined : "unknown";
  const stale = `${file}.${process.pid}.stale`;
  if (!isAlive(holder) && ifThere(() => [fs.renameSync(file, stale)]) !== undefined) {
    // If another process took it over in between, it is put back.
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
 * Runs `work` while holding the lock; waits as long as the current holder lives.
 * @template T
 * @param {string} file
 * @param {() => T} work synchronous
 * @param {() => void} [onWait] called once when another process holds it
 * @returns {T}
 */
function withLock(file, work, onWait) {
  for (let tries = 0; takeLock(file) !== undefined; tries += 1) {
    if (tries === 1) onWait?.();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  // A failed `work` may exit the process, which skips `finally`.
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
 * Writes the lock to a draft and links it into place, so that it never appears without its holder.
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
 * Creates a hard link.
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

/** @param {string} holder pid, and start time if known */
function isAlive(holder) {
  const [pid = "", start] = holder.split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // Another user's process cannot be signalled, but it is alive.
    if (!hasCode(error, "EPERM")) return false;
  }
  const now = startOf(Number(pid));
  // Some systems hide processes of other users.
  return start === undefined || now === "" || now === start;
}

/**
 * Start time of a process, if the system reports it: a pid alone may have been reused. A killed process that its parent
 * has not reaped can still be signalled, but counts as dead.
 * @param {number} pid
 */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain spaces; after it come the state, and 19 fields later the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "none" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

module.exports = { releaseLock, takeLock, withLock };
