const { compilerOptions } = require("./tsconfig.json");

/** @type {import("jest").Config} */
module.exports = {
  // Node's, in which a warning such as a DeprecationWarning fails the test.
  testEnvironment: "<rootDir>/tests/support/warnings/environment.js",
  // Servers are started in most of them, on machines that others use as well.
  testTimeout: 60_000,
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // Types are checked once, by tsc; here a file is only transpiled.
  transform: {
    // As CommonJS throughout: jest has no import().
    "\\.ts$": [
      "ts-jest",
      {
        transpilation: true,
        diagnostics: false,
        tsconfig: { ...compilerOptions, module: "CommonJS", moduleResolution: "Node10" },
      },
    ],
    "/node_modules/(@kubernetes-models|github-slugger)/":
      "<rootDir>/tests/support/module-transform.js",
  },
  transformIgnorePatterns: ["/node_modules/(?!(@kubernetes-models|github-slugger)/)"],
  resolver: "<rootDir>/tests/support/module-resolver.js",
};
