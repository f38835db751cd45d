"use strict";
/*
 * `@kubernetes-models/*` offer themselves to `import` only, and jest asks as `require` does.
 */

/** @type {import("jest-resolve").SyncResolver} */
module.exports = (request, options) =>
  options.defaultResolver(
    request,
    request.startsWith("@kubernetes-models/") ? { ...options, conditions: ["import"] } : options,
  );
