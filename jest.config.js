/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sark/"],
  // Types are checked once, by tsc; here a file is only transpiled.
  transform: { "\\.ts$": ["ts-jest", { transpilation: true, diagnostics: false }] },
};
