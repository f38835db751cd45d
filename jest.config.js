/**
 * Packages of which jest loads one bundled file: ECMAScript modules, which it cannot load, and packages of a hundred
 * small files, which every test file would load again.
 */
const BUNDLED = [
  "@kubernetes-models",
  "github-slugger",
  "zod",
  "@grpc/grpc-js",
  "@opentelemetry/api",
].join("|");

/** @type {import("jest").Config} */
module.exports = {
  // Jest's Node environment, in which a warning such as a DeprecationWarning fails the test.
  testEnvironment: "<rootDir>/tests/support/warnings/environment.js",
  // Most tests start servers, on machines that may be busy.
  testTimeout: 60_000,
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // oxlint checks types once; here files are only transpiled.
  transform: {
    // CommonJS throughout, because jest has no import().
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
    [`/node_modules/(${BUNDLED})/`]: "<rootDir>/tests/support/module-transform.js",
  },
  transformIgnorePatterns: [`/node_modules/(?!(${BUNDLED})/)`],
  resolver: "<rootDir>/tests/support/module-resolver.js",
};
