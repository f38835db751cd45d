"use strict";
/*
 * Loaded by NODE_OPTIONS into the Node processes that a test starts: hands their refused warnings to the test's environment.
 */
const { appendFileSync } = require("node:fs");
const { describe, isRefused } = require("./refused");

const report = process.env.TEST_WARNINGS_FILE;
// npm is part of Node, and causes its own warnings.
const isNpm = /[\\/]node_modules[\\/]npm[\\/]/.test(process.argv[1] ?? "");

if (report !== undefined && !isNpm) {
  process.on("warning", (warning) => {
    if (!isRefused(warning)) return;
    const command = process.argv.slice(1, 3).join(" ");
    try {
      appendFileSync(report, `${JSON.stringify(`${describe(warning)}\n    in ${command}`)}\n`);
    } catch {
      // The test that started this process is over.
    }
  });
}
