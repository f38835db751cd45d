"use strict";
/*
 * What the `__provider` of the project's dynamic resources loads: the resource providers as they
 * are in the checkout now. A state holds this file's name only, and no code.
 */
const { prepareProcess } = require("../cli/bootstrap/prepare-process");

prepareProcess(process.env);
const { ensureBuilt } = require("../cli/bootstrap/build");
module.exports = require(ensureBuilt("providers"));
