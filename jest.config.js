/** @type {import("jest").Config} */
module.exports = {
  // Node's, in which a warning such as a DeprecationWarning fails the test.
  testEnvironment: "<rootDir>/tests/support/warnings/environment.js",
  // Servers are started in most of them, on machines that others use as well.
  testTimeout: 60_000,
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // oxlint checks the types once; here a file is only transpiled.
  transform: {
    // As CommonJS throughout: jest has no import().
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
    "/node_modules/@kubernetes-models/": "<rootDir>/tests/support/module-transform.js",
  },
  transformIgnorePatterns: ["/node_modules/(?!@kubernetes-models/)"],
  resolver: "<rootDir>/tests/support/module-resolver.js",
};
