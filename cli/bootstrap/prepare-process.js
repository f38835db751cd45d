"use strict";
/* Prepares a process of this project, before it loads a package. */
const nodeModule = require("node:module");
const path = require("node:path");

/** Commands that read their database from libpq's variables. */
const LIBPQ_COMMANDS = ["baseline"];

/**
 * Removes libpq's variables (PGHOST, PGSSLMODE, PGOPTIONS and two dozen more) from an environment. A shell may have
 * them set for another database, and the driver, PgBouncer's and PostgreSQL's programs and the Pulumi provider each
 * read some of them. Also turns on Node's compile cache, in the project's own folder: with it the SDKs load in about
 * half the time. Node 20 has no such cache.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [command] the `npm run` command
 */
function prepareProcess(env, command = "") {
  /** @type {{ enableCompileCache?: (directory: string) => unknown }} */ (
    nodeModule
  ).enableCompileCache?.(path.join(__dirname, "../../.sark/compile-cache"));
  // With this variable the driver loads a native libpq package, which is not installed.
  delete env.NODE_PG_FORCE_NATIVE;
  if (LIBPQ_COMMANDS.includes(command)) return;
  for (const name of Object.keys(env)) if (name.startsWith("PG")) delete env[name];
}

module.exports = { prepareProcess };
