import type * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import { planFiles, refuseChanges } from "../../lib/migration-plan";
import { projectRoot } from "../../project-root";
import { applyMigrations } from "../migration-runner";
import { type ConnectionInput, messageOf, withClient } from "./connection";

export interface MigrationsInputs {
  readonly connection: ConnectionInput;
  /** Folder below the project's, with forward slashes. */
  readonly directory: string;
  /** File name to content hash: what a preview compares, without a connection. */
  readonly files: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly ledgerReaders: readonly string[];
}

export const migrationsProvider: pulumi.dynamic.ResourceProvider<
  MigrationsInputs,
  MigrationsInputs
> = {
  check(olds: Partial<MigrationsInputs>, news: MigrationsInputs) {
    const failures: pulumi.dynamic.CheckFailure[] = [];
    try {
      refuseChanges(olds.files ?? {}, news.files);
    } catch (error) {
      failures.push({ property: "files", reason: messageOf(error) });
    }
    return Promise.resolve({ inputs: news, failures });
  },

  async create(inputs) {
    await migrate(inputs);
    return { id: `${inputs.connection.database}-migrations`, outs: inputs };
  },

  async update(_id, _olds, news) {
    await migrate(news);
    return { outs: news };
  },

  // What the files made goes with its server; a forward-only migration has no way back.
  delete: () => Promise.resolve(),
};

async function migrate(inputs: MigrationsInputs): Promise<void> {
  const directory = path.join(projectRoot(), inputs.directory);
  const files = planFiles(readTexts(directory));
  const changed = files.find((file) => inputs.files[file.name] !== file.hash);
  if (changed || files.length !== Object.keys(inputs.files).length) {
    throw new Error(
      `${inputs.directory} changed after it was planned (${changed?.name ?? "a file is gone"}): run again`,
    );
  }
  await withClient(inputs.connection, (client) => applyMigrations(client, files, inputs));
}

/** File name to text of a folder's `.sql` files. */
export function readTexts(directory: string): Readonly<Record<string, string>> {
  const names = fs.readdirSync(directory).filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(
    names.map((name) => [name, fs.readFileSync(path.join(directory, name), "utf8")]),
  );
}
