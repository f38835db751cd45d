"use strict";
/*
 * `@kubernetes-models/*` offer themselves to `import` only, and jest asks as `require` does. An `import()` names the
 * file that TypeScript would make of a source. The Pulumi SDK loads npm's installer, 400 files, for uploading
 * functions, which this program does not do.
 */

/** @type {import("jest-resolve").SyncResolver} */
module.exports = (request, options) => {
  const { defaultResolver } = options;
  if (request === "@npmcli/arborist") return require.resolve("./unused-package.js");
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
