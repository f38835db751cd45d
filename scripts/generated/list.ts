/**
 * Every file that `npm run generate` makes. A test makes them all, and names each that is stale.
 *
 * These stay apart, since no test run has what they need:
 * - components/parameters/known/postgresql-16.json and -17.json need a server of that version: scripts/parameters-of-server.ts.
 * - docs/benchmarks.md has the figures of one machine: `npm run bench:...`.
 * - The facts about RDS, CloudNativePG, images and Terraform are collected by hand. Each JSON file names its sources.
 */
import { builtInNames } from "./built-in-names";
import { schemaPage } from "./hypertables-table";
import { lintPage } from "./lint-page";
import { parameterFacts } from "./parameter-files";
import { measuredPrivileges } from "./privileges-page";
import { queriesPage } from "./queries-page";
import { regions } from "./region-file";
import { dumpDifferences, makeSchemaFiles, SCHEMA_FILES } from "./schema/golden";
import { settingsPage } from "./settings-page";
import { tuningPage } from "./tuning/tuning-page";

/** File, from the project's folder, to its text. */
type GeneratedFiles = Readonly<Record<string, string>>;

/** Files that are made together. */
export interface Generated {
  /** As in `npm run generate -- NAME`. */
  readonly name: string;
  readonly files: readonly string[];
  /** Servers that it starts. Undefined: none. */
  readonly starts?: string;
  /** Undefined: any. */
  readonly platform?: NodeJS.Platform;
  /** @param root the project's folder */
  readonly make: (root: string) => Promise<GeneratedFiles>;
  /** Describes a change of a file, where version control would not show it as well. */
  readonly differences?: (before: string, after: string) => readonly string[];
}

export const GENERATED: readonly Generated[] = [
  oneFile("settings", "docs/settings.md", settingsPage),
  oneFile("queries", "docs/queries.md", queriesPage),
  oneFile("hypertables", "docs/schema.md", schemaPage),
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
    // Elsewhere some enums have other members.
    platform: "linux",
    make: parameterFacts,
  },
];

function oneFile(
  name: string,
  file: string,
  text: (root: string) => string | Promise<string>,
): Generated {
  return { name, files: [file], make: async (root) => ({ [file]: await text(root) }) };
}
