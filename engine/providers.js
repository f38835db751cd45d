"use strict";
/*
 * What the `__provider` of the project's dynamic resources loads: the resource providers as they
 * are in the checkout now. A state holds this file's name only, and no code.
 */
require("./compile-cache").enable();
require("./libpq-variables").forgetLibpqVariables(process.env);
module.exports = require(require("./build").ensureBuilt("providers"));
