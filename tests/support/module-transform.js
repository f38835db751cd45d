"use strict";
/*
 * Makes one file that jest can load from an ECMAScript module and all that it imports, as the build does for the
 * program.
 */
const esbuild = require("esbuild");

/** @type {import("@jest/transform").SyncTransformer} */
module.exports = {
  process: (_, file) => {
    const { outputFiles } = esbuild.buildSync({
      entryPoints: [file],
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      write: false,
    });
    return { code: outputFiles[0]?.text ?? "" };
  },
};
