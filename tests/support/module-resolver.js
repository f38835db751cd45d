"use strict";
/*
 * `@kubernetes-models/*` offer themselves to `import` only, and jest asks as `require` does. An `import()` names the
 * file that TypeScript would make of a source. The Pulumi SDK loads npm's installer, 400 files, for uploading
 * functions, and TypeScript, half of its loading time, for serialising them. This program does neither.
 */

/** @type {import("jest-resolve").SyncResolver} */
module.exports = (request, options) => {
  const { defaultResolver } = options;
  if (isUnused(request, options.basedir)) return require.resolve("./unused-package.js");
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

/**
 * @param {string} request
 * @param {string} folder of the file that loads the package
 */
function isUnused(request, folder) {
  if (request === "@npmcli/arborist") return true;
  return request === "typescript" && /[\\/]@pulumi[\\/]pulumi$/.test(folder);
}
