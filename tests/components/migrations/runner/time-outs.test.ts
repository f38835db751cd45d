import {
  type MigrationScratch,
  refusal,
  startMigrationScratch,
} from "../../../support/migration-scratch";

/** Each is shorter than the file below, or than the runner's own pauses. */
const SERVERS = {
  transaction_timeout: "1s",
  statement_timeout: "1s",
  lock_timeout: "1s",
  idle_in_transaction_session_timeout: "200ms",
  idle_session_timeout: "200ms",
};

const FILE = "000001_slow.sql";
const slow = (directives: string): Readonly<Record<string, string>> => ({
  [FILE]: `${directives}select pg_catalog.pg_sleep(0.8);\nselect pg_catalog.pg_sleep(0.8);`,
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch({ parameters: SERVERS });
});
afterAll(() => scratch.server.stop());

describe("server timeouts", () => {
  it("do not apply to a migration or the runner's pauses", async () => {
    const database = await scratch.emptyDatabase();
    const applied = await scratch.migrate(database, slow("--! statement_timeout 60s\n"), {
      onStep: pause,
    });
    expect(applied).toEqual([FILE]);
  });

  it("do not apply to a migration when set by a role", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.session("postgres", (client) =>
      client.query(
        `alter role migrator in database ${database} set transaction_timeout = '1s';
         alter database ${database} set idle_in_transaction_session_timeout = '200ms'`,
      ),
    );
    const applied = await scratch.migrate(database, slow(""), { onStep: pause });
    expect(applied).toEqual([FILE]);
  });

  it("do not apply outside of a transaction", async () => {
    const database = await scratch.emptyDatabase();
    const vacuum = { "000001_vacuum.sql": "--! no-transaction\nvacuum;" };
    expect(await scratch.migrate(database, vacuum, { onStep: pause })).toHaveLength(1);
  });

  it("leave the file's own timeouts in force", async () => {
    const database = await scratch.emptyDatabase();
    expect(
      await refusal(scratch.migrate(database, slow("--! statement_timeout 300ms\n"))),
    ).toContain("canceling statement due to statement timeout");
  });
});

describe("timeouts shorter than a session's first statement", () => {
  let hasty: MigrationScratch;
  beforeAll(async () => {
    hasty = await startMigrationScratch();
    await hasty.session("postgres", (client) =>
      client.query(
        `alter role migrator set statement_timeout = 1; alter role migrator set lock_timeout = 1;
         alter role migrator set idle_in_transaction_session_timeout = 1;
         alter role migrator set idle_session_timeout = 1; alter role migrator set transaction_timeout = 1000`,
      ),
    );
  });
  afterAll(() => hasty.server.stop());

  it("do not apply to a migration or the runner's pauses", async () => {
    const database = await hasty.emptyDatabase();
    const applied = await hasty.migrate(database, slow(""), { onStep: pause });
    expect(applied).toEqual([FILE]);
  });
});
