"use strict";
/*
 * Node's cache of compiled code, in the project's own folder. The SDKs are tens of thousands of
 * lines; with the cache they load in about half the time from the second start on. Node 20 has
 * none, and then this does nothing.
 */
const nodeModule = require("node:module");
const path = require("node:path");

exports.enable = function enable() {
  const { enableCompileCache } =
    /** @type {{ enableCompileCache?: (directory: string) => unknown }} */ (
      /** @type {unknown} */ (nodeModule)
    );
  enableCompileCache?.(path.join(__dirname, "../../.sark/compile-cache"));
};
