/** A run with nothing to do needs the same queries after ten files and after a thousand. */
import { CuttingProxy } from "../../../support/cutting-proxy";
import { manyTexts } from "../../../../scratch/many-migrations";
import {
  type MigrationTarget,
  startMigrationTarget,
  type Texts,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate } from "../../../support/migration-outcome";
import { planFiles } from "../../../../components/migrations/plan/migration-files";

const OWNER = "sark_owner";

let target: MigrationTarget;
let proxy: CuttingProxy;

beforeAll(async () => {
  target = await startMigrationTarget();
  proxy = await CuttingProxy.start(target.server.port);
}, 60_000);

afterAll(async () => {
  await proxy.stop();
  await target.stop();
});

/** Queries of a run. */
async function statementsOf(database: string, texts: Texts): Promise<readonly string[]> {
  proxy.takeStatements();
  const connection = { ...target.connection(database), port: proxy.port };
  expect(await migrate(connection, texts, OWNER)).toEqual([]);
  return proxy.takeStatements();
}

async function applied(texts: Texts): Promise<string> {
  const database = await target.freshDatabase();
  expect(await migrate(target.connection(database), texts, OWNER)).toEqual(Object.keys(texts));
  return database;
}

test("migration run with nothing to do sends the same queries for ten and a thousand files", async () => {
  const [few, many] = [manyTexts(10), manyTexts(1000)];
  const statements = await statementsOf(await applied(few), few);

  expect(await statementsOf(await applied(many), many)).toEqual(statements);
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.length).toBeLessThan(40);
}, 120_000);

test("migration run with nothing to do parses no applied file", async () => {
  const texts = manyTexts(20);
  const database = await applied(texts);
  // These files cannot be parsed, and the ledger lists them as applied.
  const noSql = Object.fromEntries(Object.keys(texts).map((name) => [name, `no SQL: ${name} ('`]));
  await withSession({ ...target.connection(database), user: "postgres" }, async (admin) => {
    for (const { name, hash } of planFiles(noSql)) {
      await admin.query("update sark_migrations.applied set hash = $1 where name = $2", [
        hash,
        name,
      ]);
    }
  });
  const connection = target.connection(database);

  expect(await migrate(connection, noSql, OWNER)).toEqual([]);
  // New files are parsed, so the error would have been reported.
  const more = { ...noSql, "000021_new.sql": "no SQL either ('" };
  await expect(migrate(connection, more, OWNER)).rejects.toThrow("000021_new.sql");
});
