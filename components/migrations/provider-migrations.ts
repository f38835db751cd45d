import type * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import { contentHash, type MigrationFile, planFiles } from "./plan/migration-files";
import { rejectChangedFiles } from "./plan/migration-plan";
import { readStatements, type Statement } from "./plan/statements";
import type { RequiredExtension, TargetIdentity } from "./plan/target-identity";
import { unqualifiedNames } from "./plan/unqualified-names";
import { projectRoot } from "../files/project-root";
import { readTexts } from "./migration-folder";
import { applyMigrations } from "./runner/run";
import { readTargetIdentity } from "./runner/target";
import {
  type ConnectionInput,
  diffIgnoringRelayAddress,
  messageOf,
  withClient,
} from "../connections/provider-connection";
import { printable } from "../text/printable";

export interface MigrationsInputs {
  readonly connection: ConnectionInput;
  /** Folder relative to the project, with forward slashes. */
  readonly directory: string;
  /** File name to content hash; compared by a preview without a connection. */
  readonly files: Readonly<Record<string, string>>;
  /** Content hash of {@link readDump}. A changed dump is recorded in the ledger even without a new file. */
  readonly dumpHash?: string | undefined;
  readonly owner: string;
  readonly ledgerReaders: readonly string[];
  /** Extensions used by the files that the server has. */
  readonly extensions: readonly RequiredExtension[];
}

export interface MigrationsOutputs extends MigrationsInputs {
  /** Database of the last run, so that the next run does not use another by mistake. */
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
      rejectChangedFiles(applied, news.files);
    });
    // Applied files were checked at the time, and there may be a thousand of them.
    const pending = Object.keys(news.files).filter((name) => !(name in applied));
    const work: { file: MigrationFile; statements: readonly Statement[] }[] = [];
    for (const file of pending.length > 0 ? filesOf(news) : []) {
      if (!pending.includes(file.name)) continue;
      await judge(async () => work.push({ file, statements: await readStatements(file) }));
    }
    for (const error of unqualifiedNames(work)) await judge(() => Promise.reject(error));
    return { inputs: news, failures };
  },

  diff: diffIgnoringRelayAddress<MigrationsInputs>({
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
    // When the stack itself names another server, another database is expected.
    const expected = olds.connection.server === news.connection.server ? olds.target : undefined;
    return { outs: { ...news, target: await migrate(news, expected) } };
  },

  // Objects made by migrations are deleted with the server; forward-only migrations cannot be undone.
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
      `${inputs.directory} changed after it was planned (${changed?.name ?? "a file was removed"}): run again`,
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
    return readTargetIdentity(client);
  });
}

function filesOf({ directory }: MigrationsInputs): readonly MigrationFile[] {
  return planFiles(readTexts(path.join(projectRoot(), directory)));
}

/** The CLI shows it with the resource, the embedded engine immediately. */
function say(text: string): void {
  console.error(`migrations: ${printable(text)}`);
}

/** Golden dump of the folder's schema, next to the folder; undefined when missing. */
export function readDump(directory: string): string | undefined {
  const file = `${directory}.golden.txt`;
  if (!fs.existsSync(file)) return undefined;
  return fs.readFileSync(file, "utf8").replace(/\r\n/g, "\n");
}
