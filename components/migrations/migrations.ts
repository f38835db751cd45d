import * as pulumi from "@pulumi/pulumi";
import * as path from "node:path";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import { printableMigrationError } from "./plan/errors";
import { contentHash, type MigrationFile, planFiles } from "./plan/migration-files";
import type { RolePlan } from "../roles/plan/role-plan";
import { preloadLibraries } from "../parameters/formulas/tune";
import { projectRoot } from "../files/project-root";
import { connectionInputs } from "../connections/database-connection";
import { readTexts } from "./migration-folder";
import { readDump } from "./provider-migrations";
import type { Login } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";

/** Extensions whose library must be in shared_preload_libraries. */
const PRELOADED = preloadLibraries("time-series");

/** Applies the pending files of `sql/<database>`; returns the names of all files. */
export function createMigrations(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  login: Login,
  sequence: Sequence,
): readonly string[] {
  const directory = `sql/${plan.database}`;
  const folder = path.join(projectRoot(), directory);
  const files = plannedFiles(folder, directory);
  const dump = readDump(folder);
  const inputs = {
    connection: connectionInputs(server, login),
    directory,
    files: Object.fromEntries(files.map((file) => [file.name, file.hash])),
    ...(dump === undefined ? {} : { dumpHash: contentHash(dump) }),
    owner: plan.owner,
    ledgerReaders: plan.ledgerReaders,
    extensions: plan.extensions
      .filter((extension) => server.extensions.includes(extension))
      .map((extension) => ({ name: extension, preload: PRELOADED.includes(extension) })),
  };
  // New files are applied; an edited file that was already applied is rejected in the preview.
  sequence.next(
    (opts) => new DynamicResource("database:Migrations", `${name}-migrations`, inputs, opts),
  );
  return files.map((file) => file.name);
}

/**
 * Plans the files of a folder.
 * @throws RunError naming the folder: the Pulumi CLI prints only this class without a stack trace
 */
function plannedFiles(folder: string, directory: string): readonly MigrationFile[] {
  try {
    return planFiles(readTexts(folder));
  } catch (cause) {
    throw printableMigrationError(cause, directory, pulumi.RunError);
  }
}
