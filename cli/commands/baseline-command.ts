import * as path from "node:path";
import { hostAndPort } from "../../components/text/address";
import {
  adoptDatabase,
  SchemaDiffersError,
} from "../../components/migrations/runner/record-baseline";
import { withClient } from "../../components/connections/provider-connection";
import { readTexts } from "../../components/migrations/migration-folder";
import { readDump } from "../../components/migrations/provider-migrations";
import { MigrationError, printableMigrationError } from "../../components/migrations/plan/errors";
import { type MigrationFile, planFiles } from "../../components/migrations/plan/migration-files";
import type { RequiredExtension } from "../../components/migrations/plan/target-identity";
import { type DatabaseName, rolePlan } from "../../components/roles/plan/role-plan";
import { projectRoot } from "../../components/files/project-root";
import { UserError } from "../../engine/engine";
import { count } from "../../engine/names";
import { connectionFromEnvironment, withPasswordFromFile } from "./libpq-environment";
import type { Terminal } from "../report/terminal";
import { shortened } from "../../components/text/printable";

export interface BaselineCommand {
  /** The database whose migration files are compared and recorded. */
  readonly database: DatabaseName;
  readonly yes?: boolean | undefined;
}

/** Extensions that the migration files need. The stack adds the other planned ones. */
const EXTENSIONS: Readonly<Record<DatabaseName, readonly RequiredExtension[]>> = {
  sark: [{ name: "pg_trgm", preload: false }],
  sark_audit: [{ name: "timescaledb", preload: true }],
};

/**
 * Adopts an existing database: compares its schema with the golden dump, and records all migration files as applied.
 * @returns 1 if it was refused or declined; nothing is changed then
 */
export async function runBaseline(
  { database, yes = false }: BaselineCommand,
  terminal: Terminal,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  refuseUnattended(database, yes, terminal);
  const connection = await withPasswordFromFile(connectionFromEnvironment(env, database));
  const directory = path.join(projectRoot(), "sql", database);
  const files = filesOf(directory, database);
  const schema = readDump(directory);
  if (schema === undefined) {
    throw new UserError(
      `sql/${database}.golden.txt is missing: restore it, or run npm run generate -- schema.`,
    );
  }
  const { owner, ledgerReaders } = rolePlan(database, 1);
  const { user, host, port, database: name } = connection;
  const at = shortened(`${user}@${hostAndPort(host, port)}/${name}`, 200);
  try {
    const recorded = await withClient(connection, (client) =>
      adoptDatabase(client, files, {
        owner,
        ledgerReaders,
        extensions: EXTENSIONS[database],
        schema,
        confirm: (missing) => confirmed(at, database, missing, yes, terminal),
        say: (text) => {
          terminal.line(text);
        },
      }),
    );
    if (recorded === undefined) terminal.error("Nothing was recorded.");
    else terminal.line(doneText(database, recorded, files.length));
    if (terminal.json) await terminal.document({ database, recorded: recorded ?? null });
    return recorded === undefined ? 1 : 0;
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    terminal.error(`${at}: ${error.message}.`);
    if (terminal.json) {
      const differences = error instanceof SchemaDiffersError ? error.differences : [];
      await terminal.document({ database, recorded: null, code: error.code, differences });
    }
    return 1;
  }
}

function filesOf(directory: string, database: DatabaseName): readonly MigrationFile[] {
  try {
    return planFiles(readTexts(directory));
  } catch (cause) {
    throw printableMigrationError(cause, `sql/${database}`, UserError);
  }
}

function refuseUnattended(database: string, yes: boolean, { interactive }: Terminal): void {
  if (yes || interactive) return;
  throw new UserError(
    "baseline needs confirmation, and there is no terminal to ask on. Nothing was changed. " +
      `To run it unattended: npm run baseline -- --database ${database} --yes`,
  );
}

async function confirmed(
  at: string,
  database: string,
  missing: readonly MigrationFile[],
  yes: boolean,
  terminal: Terminal,
): Promise<boolean> {
  terminal.line(
    `${at} matches sql/${database}.golden.txt. Hypertable settings of a stack are not compared.`,
  );
  if (missing.length === 0) terminal.line("The migration ledger already lists all files.");
  else terminal.line("These files would be recorded as applied, without being run:");
  for (const { name } of missing) terminal.line(`  ${name}`);
  terminal.line("The schema dump and the server's identity would also be recorded.");
  return yes || terminal.confirms("Record this?");
}

function doneText(database: string, recorded: readonly string[], all: number): string {
  const outcome =
    recorded.length === 0
      ? "The ledger already listed all files"
      : `Recorded ${count(recorded.length, "file")} as applied`;
  return `${outcome}. Of ${all} migrations in sql/${database}, 0 are pending.`;
}
