"use strict";
/* What every process of this project does first, before it loads a package. */
const nodeModule = require("node:module");
const path = require("node:path");

/** Commands whose database libpq's variables name. */
const READERS = ["baseline"];

/**
 * Takes libpq's variables (PGHOST, PGSSLMODE, PGOPTIONS and two dozen more) out of an environment: they are of the shell
 * of somebody who works with another database, and the driver, PgBouncer's and PostgreSQL's programs and the Pulumi
 * provider each read some of them. Turns on Node's cache of compiled code, in the project's own folder: with it the
 * SDKs load in about half the time. Node 20 has no such cache.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [command] of those that `npm run` has
 */
function prepareProcess(env, command = "") {
  /** @type {{ enableCompileCache?: (directory: string) => unknown }} */ (
    nodeModule
  ).enableCompileCache?.(path.join(__dirname, "../../.sark/compile-cache"));
  // Has the driver load libpq itself, by a package that is not installed.
  delete env.NODE_PG_FORCE_NATIVE;
  if (READERS.includes(command)) return;
  for (const name of Object.keys(env)) if (name.startsWith("PG")) delete env[name];
}

module.exports = { prepareProcess };
