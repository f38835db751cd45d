/** Fails the network between runner and server during each query and each answer. */
import type { ClientConfig } from "pg";
import { CuttingProxy, type Fate } from "../../../support/cutting-proxy";
import { converged } from "../../../support/migration-cuts";
import {
  goldenSchema,
  type MigrationTarget,
  startMigrationTarget,
  type Texts,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate, migrationTexts, outcomeOf } from "../../../support/migration-outcome";

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

const asAdmin = (database: string): ClientConfig => ({
  ...target.connection(database),
  user: "postgres",
});
const outcome = (database: string) => withSession(asAdmin(database), outcomeOf);

/** One run through the network; undefined if it was cut off. */
async function run(database: string, texts: Texts): Promise<readonly string[] | undefined> {
  const connection = { ...target.connection(database), port: proxy.port };
  return migrate(connection, texts, OWNER).catch((error: unknown) => {
    expect(String(error)).toMatch(/terminat|ECONNRESET|EPIPE|not queryable/);
    return undefined;
  });
}

describe("migration runner without the answer to its commit", () => {
  test("applies each file of sark once, although the run saw no answer", async () => {
    const texts = migrationTexts("sark");
    const names = Object.keys(texts).sort();
    const database = await target.freshDatabase();
    const commits: string[] = [];
    proxy.setFate((statement) => {
      if (statement !== "commit") return "pass";
      commits.push(statement);
      return "unanswered";
    });
    const recorded: number[] = [];
    while ((await run(database, texts)) === undefined) {
      recorded.push((await outcome(database)).recorded.length);
      expect(recorded.length).toBeLessThanOrEqual(names.length);
    }
    proxy.setFate(() => "pass");

    expect(commits.length).toBeGreaterThan(5);
    // Each run commits one file more than the one before.
    expect(recorded).toHaveLength(commits.length);
    expect(new Set(recorded).size).toBe(commits.length);
    expect(await run(database, texts)).toEqual([]);
    expect(await outcome(database)).toEqual(converged(texts, goldenSchema("sark")));
  }, 60_000);
});

/** Objects that a second application would duplicate, or could not create. */
const TEXTS = {
  "000001_effects.sql": `
    create table public.effects (file text);
    insert into public.effects values ('000001_effects.sql');`,
  "000002_index.sql": `--! no-transaction
    create index concurrently effects_file_idx on public.effects (file);`,
  "000003_more.sql": `
    alter table public.effects add column more integer;
    insert into public.effects values ('000003_more.sql');`,
  "000004_drop.sql": `--! no-transaction
    drop index concurrently public.effects_file_idx;`,
};

test.each(["lost", "unanswered"] as const)(
  "migration runs recover when a statement is %s",
  async (fate) => {
    const whole = await target.freshDatabase();
    proxy.takeStatements();
    await run(whole, TEXTS);
    const sent = new Set(proxy.takeStatements().map(wording));

    const database = await target.freshDatabase();
    const cut = new Set<string>();
    let cuts: number;
    do {
      cuts = 0;
      proxy.setFate((statement): Fate => {
        const words = wording(statement);
        if (cuts > 0 || cut.has(words)) return "pass";
        cuts += 1;
        cut.add(words);
        return fate;
      });
      await run(database, TEXTS);
    } while (cuts > 0);
    proxy.setFate(() => "pass");

    // All statements of an undisturbed run, and those that clean up.
    expect([...cut]).toEqual(expect.arrayContaining([...sent]));
    expect(cut.size).toBeGreaterThan(20);
    expect(await run(database, TEXTS)).toEqual([]);
    const { schema } = await outcome(whole);
    expect(await outcome(database)).toEqual(converged(TEXTS, schema));
    const { rows } = await withSession(asAdmin(database), (client) =>
      client.query<{ file: string }>("select file from public.effects order by file"),
    );
    expect(rows.map(({ file }) => file)).toEqual(["000001_effects.sql", "000003_more.sql"]);
  },
  120_000,
);

/** A statement without the parts that differ between runs, such as the remaining lock timeout. */
function wording(statement: string): string {
  return statement.replace(/(lock_timeout to) \d+$/, "$1 ...");
}
