/**
 * Every file that `npm run generate` writes. A test generates them all and reports stale ones.
 *
 * Not in the list, because a test run cannot generate them:
 * - components/parameters/known/postgresql-16.json and -17.json need a server of that version: scripts/parameters-of-server.ts.
 * - docs/benchmarks.md has the measurements of one machine: `npm run bench:...`.
 * - The facts about RDS, CloudNativePG, images and Terraform are collected by hand. Each JSON file names its sources.
 */
import { builtInNames } from "./built-in-names";
import { formatted } from "./formatted";
import { schemaPage } from "./hypertables-table";
import { lintPage } from "./lint-page";
import { parameterFacts } from "./parameter-files";
import { monitoringPage } from "./objectives-table";
import { measuredPrivileges } from "./privileges-page";
import { queriesPage } from "./queries-page";
import { regions } from "./region-file";
import { dumpDifferences, makeSchemaFiles, SCHEMA_FILES } from "./schema/golden-dumps";
import { settingsPage } from "./settings-page";
import { tuningPage } from "./tuning/tuning-page";

/** Texts by file, relative to the project's folder. */
type GeneratedFiles = Readonly<Record<string, string>>;

/** Files that are generated together. */
export interface Generated {
  /** NAME in `npm run generate -- NAME`. */
  readonly name: string;
  readonly files: readonly string[];
  /** Servers that it starts; undefined for none. */
  readonly starts?: string;
  /** The only platform that can generate it; undefined for any. */
  readonly platform?: NodeJS.Platform;
  /** @param root the project's folder */
  readonly make: (root: string) => Promise<GeneratedFiles>;
  /** Describes a change of a file, if this is clearer than a diff. */
  readonly differences?: (before: string, after: string) => readonly string[];
}

export const GENERATED: readonly Generated[] = [
  oneFile("settings", "docs/settings.md", settingsPage),
  oneFile("queries", "docs/queries.md", queriesPage),
  oneFile("hypertables", "docs/schema.md", schemaPage),
  oneFile("objectives", "docs/monitoring.md", monitoringPage),
  oneFile("lint", "docs/lint.md", lintPage),
  oneFile("tuning", "docs/tuning.md", tuningPage),
  oneFile("regions", "components/homes/aws/plan/regions.json", regions),
  {
    name: "schema",
    files: SCHEMA_FILES,
    starts: "a PostgreSQL and a TimescaleDB",
    make: makeSchemaFiles,
    differences: dumpDifferences,
  },
  {
    ...oneFile("privileges", "sql/privileges.md", measuredPrivileges),
    starts: "a local stack",
  },
  {
    ...oneFile("built-in-names", "components/sql-text/built-in-names.json", builtInNames),
    starts: "a PostgreSQL",
  },
  {
    name: "parameters",
    files: ["postgresql-18", "auto-explain", "timescaledb"].map(
      (name) => `components/parameters/known/${name}.json`,
    ),
    starts: "a PostgreSQL and a TimescaleDB",
    // Some enums have other members on other platforms.
    platform: "linux",
    make: parameterFacts,
  },
];

function oneFile(
  name: string,
  file: string,
  text: (root: string) => string | Promise<string>,
): Generated {
  return {
    name,
    files: [file],
    make: async (root) => ({ [file]: formatted(root, file, await text(root)) }),
  };
}
