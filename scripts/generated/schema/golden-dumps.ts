/**
 * The golden dumps beside the migrations, and the pages generated from them. A dump is the schema that all files create
 * on a scratch server.
 */
import { join } from "node:path";
import { readSchema } from "../../../components/database-layer/catalog";
import { readTexts } from "../../../components/migrations/migration-folder";
import { LEDGER_SCHEMA } from "../../../components/migrations/runner/ledger";
import { applyMigrations } from "../../../components/migrations/runner/run";
import {
  type ConnectionInput,
  withClient,
} from "../../../components/connections/provider-connection";
import { printableMigrationError } from "../../../components/migrations/plan/errors";
import { planFiles } from "../../../components/migrations/plan/migration-files";
import { DATABASES, type DatabaseName, rolePlan } from "../../../components/roles/plan/role-plan";
import { differenceLines, diffSchemas } from "../../../components/database-layer/plan/schema-diff";
import {
  TEMPORARY_SCHEMA,
  temporaryPrivilegeSql,
} from "../../../components/roles/plan/temporary-privilege";
import { UserError } from "../../../engine/engine";
import { type ScratchServer, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { rolesSql } from "../../../scratch/roles-sql";
import { startScratchTimescale } from "../../../scratch/scratch-timescale";
import { formatted } from "../formatted";
import { schemaPage } from "./schema-pages";

/** Password of every login on a scratch server. */
export const SCRATCH_PASSWORD = "scratch";

export const SCHEMA_FILES: readonly string[] = DATABASES.flatMap((database) => [
  dumpFile(database),
  pageFile(database),
]);

/** sql/*.golden.txt and the pages generated from them. @param root the project's folder */
export async function makeSchemaFiles(root: string): Promise<Readonly<Record<string, string>>> {
  const [sark, audit] = await Promise.all([
    startScratchPostgres({ preload: ["pg_stat_statements"] }),
    startScratchTimescale(),
  ]);
  try {
    const dumps = {
      sark: await migratedDump(sark, "sark", root),
      sark_audit: await migratedDump(audit, "sark_audit", root),
    };
    return Object.fromEntries(
      DATABASES.flatMap((database) => [
        [dumpFile(database), dumps[database]],
        [
          pageFile(database),
          formatted(root, pageFile(database), schemaPage(database, dumps[database])),
        ],
      ]),
    );
  } finally {
    await Promise.all([sark.stop(), audit.stop()]);
  }
}

/** The changed objects of a dump. Empty for the pages, which show the same. */
export function dumpDifferences(before: string, after: string): readonly string[] {
  if (after.startsWith("# ")) return [];
  return differenceLines(diffSchemas(before, after), { objects: 40 });
}

function dumpFile(database: DatabaseName): string {
  return `sql/${database}.golden.txt`;
}

function pageFile(database: DatabaseName): string {
  return `docs/tables-${database.replace("_", "-")}.md`;
}

/** Creates the roles and applies every file as the migrating login. The server must be new. */
export async function migrateScratch(
  server: ScratchServer,
  database: DatabaseName,
  root: string,
): Promise<ConnectionInput> {
  const { host, port, user, password } = server;
  const admin: ConnectionInput = { host, port, user, password, database, sslMode: "disable" };
  if (database === "sark") {
    // The embedded TimescaleDB has its database already.
    await withClient({ ...admin, database: "postgres" }, (client) =>
      client.query(`create database ${database}`),
    );
  }
  const plan = rolePlan(database, 1);
  const roles = rolesSql(database, {
    password: SCRATCH_PASSWORD,
    // The embedded TimescaleDB lacks the other extensions, and a dump does not contain extensions.
    ...(database === "sark_audit" ? { extensions: ["timescaledb"] } : {}),
  });
  await withClient(admin, (client) =>
    client.query(`${roles}; ${temporaryPrivilegeSql(plan.temporary)}`),
  );
  const migrate: ConnectionInput = {
    ...admin,
    user: `${database}_migrate`,
    password: SCRATCH_PASSWORD,
  };
  const files = planFiles(readTexts(join(root, "sql", database)));
  await withClient(migrate, (client) =>
    applyMigrations(client, files, { owner: plan.owner, ledgerReaders: plan.ledgerReaders }),
  );
  return admin;
}

async function migratedDump(
  server: ScratchServer,
  database: DatabaseName,
  root: string,
): Promise<string> {
  try {
    return await dumpOf(await migrateScratch(server, database, root));
  } catch (cause) {
    throw printableMigrationError(cause, `sql/${database}`, UserError);
  }
}

/** The schema without objects that do not come from the files. */
function dumpOf(connection: ConnectionInput): Promise<string> {
  return withClient(connection, (client) => readSchema(client, [LEDGER_SCHEMA, TEMPORARY_SCHEMA]));
}
