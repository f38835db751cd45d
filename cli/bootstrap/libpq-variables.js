"use strict";
/*
 * libpq's variables (PGHOST, PGSSLMODE, PGOPTIONS and two dozen more) are of the shell of somebody who works with
 * another database. The driver, PgBouncer's and PostgreSQL's programs and the Pulumi provider each read some of them,
 * so they are taken out of the environment before anything runs.
 */

/** Commands whose database these variables name. */
const READERS = ["baseline"];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [command] of those that `npm run` has
 */
function forgetLibpqVariables(env, command = "") {
  // Has the driver load libpq itself, by a package that is not installed.
  delete env.NODE_PG_FORCE_NATIVE;
  if (READERS.includes(command)) return;
  for (const name of Object.keys(env)) if (name.startsWith("PG")) delete env[name];
}

module.exports = { forgetLibpqVariables };
