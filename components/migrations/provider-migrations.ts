import type * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import { contentHash, type MigrationFile, planFiles } from "./plan/migration-files";
import { refuseChanges } from "./plan/migration-plan";
import { readStatements, type Statement } from "./plan/statements";
import type { RequiredExtension, TargetIdentity } from "./plan/target-identity";
import { unqualifiedNames } from "./plan/unqualified-names";
import { projectRoot } from "../files/project-root";
import { readTexts } from "./migration-folder";
import { applyMigrations } from "./runner/run";
import { identify } from "./runner/target";
import {
  type ConnectionInput,
  diffThroughRelay,
  messageOf,
  withClient,
} from "../connections/provider-connection";
import { printable } from "../text/printable";

export interface MigrationsInputs {
  readonly connection: ConnectionInput;
  /** Folder below the project's, with forward slashes. */
  readonly directory: string;
  /** File name to content hash: what a preview compares, without a connection. */
  readonly files: Readonly<Record<string, string>>;
  /** Content hash of {@link readDump}: another dump is kept in the ledger also where no file is new. */
  readonly dumpHash?: string | undefined;
  readonly owner: string;
  readonly ledgerReaders: readonly string[];
  /** What the server has of the extensions that the files use. */
  readonly extensions: readonly RequiredExtension[];
}

export interface MigrationsOutputs extends MigrationsInputs {
  /** Where the last run was, so that the next is not led elsewhere. */
  readonly target: TargetIdentity;
}

export const migrationsProvider: pulumi.dynamic.ResourceProvider<
  MigrationsInputs,
  MigrationsOutputs
> = {
  async check(olds: Partial<MigrationsInputs>, news: MigrationsInputs) {
    const applied = olds.files ?? {};
    const failures: pulumi.dynamic.CheckFailure[] = [];
    const judge = async (work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push({ property: "files", reason: messageOf(error) });
      }
    };
    await judge(() => {
      refuseChanges(applied, news.files);
    });
    // What was applied was read then, and there may be a thousand of them.
    const pending = Object.keys(news.files).filter((name) => !(name in applied));
    const work: { file: MigrationFile; statements: readonly Statement[] }[] = [];
    for (const file of pending.length > 0 ? filesOf(news) : []) {
      if (!pending.includes(file.name)) continue;
      await judge(async () => work.push({ file, statements: await readStatements(file) }));
    }
    for (const error of unqualifiedNames(work)) await judge(() => Promise.reject(error));
    return { inputs: news, failures };
  },

  diff: diffThroughRelay<MigrationsInputs>({
    connection: true,
    directory: true,
    files: true,
    dumpHash: true,
    owner: true,
    ledgerReaders: true,
    extensions: true,
  }),

  async create(inputs) {
    const target = await migrate(inputs);
    return { id: `${inputs.connection.database}-migrations`, outs: { ...inputs, target } };
  },

  async update(_id, olds, news) {
    // Where the stack itself names another server, it is meant to be another.
    const expected = olds.connection.server === news.connection.server ? olds.target : undefined;
    return { outs: { ...news, target: await migrate(news, expected) } };
  },

  // What the files made goes with its server; a forward-only migration has no way back.
  delete: () => Promise.resolve(),
};

async function migrate(
  inputs: MigrationsInputs,
  expected?: TargetIdentity,
): Promise<TargetIdentity> {
  const directory = path.join(projectRoot(), inputs.directory);
  const files = filesOf(inputs);
  const changed = files.find((file) => inputs.files[file.name] !== file.hash);
  if (changed || files.length !== Object.keys(inputs.files).length) {
    throw new Error(
      `${inputs.directory} changed after it was planned (${changed?.name ?? "a file is gone"}): run again`,
    );
  }
  const schema = inputs.dumpHash === undefined ? undefined : readDump(directory);
  if ((schema && contentHash(schema)) !== inputs.dumpHash) {
    throw new Error(`${inputs.directory}.golden.txt changed after it was planned: run again`);
  }
  return withClient(inputs.connection, async (client) => {
    await applyMigrations(client, files, {
      ...inputs,
      schema,
      say,
      ...(expected === undefined ? {} : { expected }),
    });
    return identify(client);
  });
}

function filesOf({ directory }: MigrationsInputs): readonly MigrationFile[] {
  return planFiles(readTexts(path.join(projectRoot(), directory)));
}

/** The CLI shows it with the resource, the embedded engine at once. */
function say(text: string): void {
  console.error(`migrations: ${printable(text)}`);
}

/** The dump of the schema that a folder's files make, which lies beside the folder; undefined where there is none. */
export function readDump(directory: string): string | undefined {
  const file = `${directory}.golden.txt`;
  if (!fs.existsSync(file)) return undefined;
  return fs.readFileSync(file, "utf8").replace(/\r\n/g, "\n");
}
