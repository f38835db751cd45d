/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // Types are checked once, by tsc; here a file is only transpiled.
  transform: {
    "\\.ts$": ["ts-jest", { transpilation: true, diagnostics: false }],
    "/node_modules/@kubernetes-models/": "<rootDir>/tests/support/module-transform.js",
  },
  transformIgnorePatterns: ["/node_modules/(?!@kubernetes-models/)"],
  resolver: "<rootDir>/tests/support/module-resolver.js",
};
