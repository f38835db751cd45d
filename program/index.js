"use strict";
/*
 * The program that the Pulumi CLI runs: index.ts, built if it has changed. It has its own folder, since the CLI
 * searches the program's folder for plugins, which takes seconds with a node_modules in it.
 */
const { prepareProcess } = require("../cli/bootstrap/prepare-process");

prepareProcess(process.env);

/** Names of errors whose message is meant for the user. */
const FOR_USERS = ["SettingsError", "UserError"];

// The SDK records a stack trace, mapped to the sources, for each of its promises: half a second for
// traces that are never read. These errors have no message; traces of other errors are unchanged.
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
    // Pulumi prints an error with this marker without a stack trace.
    if (error instanceof Error && FOR_USERS.includes(error.name)) {
      Object.assign(error, { __pulumiRunError: true });
    }
    throw error;
  }
};
