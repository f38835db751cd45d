/** A run with nothing to do does the same, whether ten files were applied or a thousand. */
import { CuttingProxy } from "../../../support/cutting-proxy";
import { manyTexts } from "../../../../scratch/many-migrations";
import {
  type MigrationTarget,
  startTarget,
  type Texts,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate } from "../../../support/migration-outcome";
import { planFiles } from "../../../../components/migrations/plan/migration-files";

const OWNER = "sark_owner";

let target: MigrationTarget;
let proxy: CuttingProxy;

beforeAll(async () => {
  target = await startTarget();
  proxy = await CuttingProxy.start(target.server.port);
}, 60_000);

afterAll(async () => {
  await proxy.stop();
  await target.stop();
});

/** What a run says to the server. */
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

test("it asks the server the same few questions", async () => {
  const [few, many] = [manyTexts(10), manyTexts(1000)];
  const statements = await statementsOf(await applied(few), few);

  expect(await statementsOf(await applied(many), many)).toEqual(statements);
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.length).toBeLessThan(40);
}, 120_000);

test("it parses no file that was applied", async () => {
  const texts = manyTexts(20);
  const database = await applied(texts);
  // Nobody could parse these, and the ledger has them as applied.
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
  // It would have been told, for it reads those that are new.
  const more = { ...noSql, "000021_new.sql": "no SQL either ('" };
  await expect(migrate(connection, more, OWNER)).rejects.toThrow("000021_new.sql");
});
