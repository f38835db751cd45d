const { compilerOptions } = require("./tsconfig.json");

/** @type {import("jest").Config} */
module.exports = {
  // Jest's Node environment, in which a warning such as a DeprecationWarning fails the test.
  testEnvironment: "<rootDir>/tests/support/warnings/environment.js",
  // Most tests start servers, on machines that may be busy.
  testTimeout: 60_000,
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // tsc checks types once; here files are only transpiled.
  transform: {
    // CommonJS throughout, because jest has no import().
    "\\.ts$": [
      "ts-jest",
      {
        transpilation: true,
        diagnostics: false,
        tsconfig: { ...compilerOptions, module: "CommonJS", moduleResolution: "Node10" },
      },
    ],
    "/node_modules/@kubernetes-models/": "<rootDir>/tests/support/module-transform.js",
  },
  transformIgnorePatterns: ["/node_modules/(?!@kubernetes-models/)"],
  resolver: "<rootDir>/tests/support/module-resolver.js",
};
