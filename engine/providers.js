"use strict";
/*
 * What the `__provider` of the project's dynamic resources loads: the resource providers as they
 * are in the checkout now. A state holds this file's name only, and no code.
 */
require("./compile-cache").enable();
module.exports = require(require("./build").ensureBuilt("providers"));
