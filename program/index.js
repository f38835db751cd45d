"use strict";
/*
 * What the Pulumi CLI runs: index.ts, built when it has changed. It has a folder of its own since
 * the CLI looks through the program's folder for plugins, and that takes seconds where
 * node_modules lies in it.
 */
const { prepareProcess } = require("../cli/bootstrap/prepare-process");

prepareProcess(process.env);

/** Errors whose message is written for the person who sees it. */
const FOR_USERS = ["SettingsError", "UserError"];

// The SDK notes a stack trace, mapped to the sources, for each promise of its own: half a second
// for a note that nobody reads. Those errors have no message; the traces of others stay as they are.
const trace = Error.prepareStackTrace;
if (trace !== undefined) {
  Error.prepareStackTrace = (error, frames) =>
    error.message === "" ? "" : trace.call(Error, error, frames);
}

module.exports = async () => {
  try {
    const { ensureBuilt } = require("../cli/bootstrap/build");
    return await require(ensureBuilt("program"))();
  } catch (error) {
    // Pulumi prints an error with this mark without a stack trace.
    if (error instanceof Error && FOR_USERS.includes(error.name)) {
      Object.assign(error, { __pulumiRunError: true });
    }
    throw error;
  }
};
