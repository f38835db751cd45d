"use strict";
/*
 * `@kubernetes-models/*` offer themselves to `import` only, and jest asks as `require` does. An `import()` names the file
 * that TypeScript would make of a source.
 */

/** @type {import("jest-resolve").SyncResolver} */
module.exports = (request, options) => {
  const { defaultResolver } = options;
  if (request.startsWith("@kubernetes-models/")) {
    return defaultResolver(request, { ...options, conditions: ["import"] });
  }
  try {
    return defaultResolver(request, options);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.js$/.test(request)) throw error;
    return defaultResolver(request.replace(/\.js$/, ".ts"), options);
  }
};
