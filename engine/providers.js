"use strict";
/*
 * Loaded by the `__provider` of the project's dynamic resources: the resource providers as they are in the checkout
 * now. The state holds only this file's name, and no code.
 */
const { prepareProcess } = require("../cli/bootstrap/prepare-process");

prepareProcess(process.env);
const { ensureBuilt } = require("../cli/bootstrap/build");
module.exports = require(ensureBuilt("providers"));
