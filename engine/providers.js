"use strict";
/*
 * What the `__provider` of the project's dynamic resources loads: the resource providers as they
 * are in the checkout now. A state holds this file's name only, and no code.
 */
const { enable } = require("./compile-cache");
const { forgetLibpqVariables } = require("./libpq-variables");

enable();
forgetLibpqVariables(process.env);
const { ensureBuilt } = require("./build");
module.exports = require(ensureBuilt("providers"));
