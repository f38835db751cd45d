import {
  type MigrationScratch,
  refusal,
  sentence,
  startMigrationScratch,
} from "../../../support/migration-scratch";
import { DONE, FILE, outsideScratch, withFile } from "../../../support/migration-outside";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

const { prepared, indexes, identity, recorded, whileWritten, unrecorded } = outsideScratch(
  () => scratch,
);
const migrate: MigrationScratch["migrate"] = (database, texts, options) =>
  scratch.migrate(database, texts, options);

describe("concurrent drop of an index", () => {
  const DROP = withFile("drop index concurrently public.a_id;");

  it("is done, and only recorded when the last run was interrupted", async () => {
    const database = await prepared();
    await scratch.session(database, (client) =>
      client.query("set role owner; create index a_id on public.a (id)"),
    );
    await unrecorded(database, DROP);
    expect(await indexes(database)).toEqual([]);
    expect(await migrate(database, DROP)).toEqual([FILE]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("is done by the next run after a lock timeout", async () => {
    const database = await prepared();
    await scratch.session(database, (client) =>
      client.query("set role owner; create index a_id on public.a (id)"),
    );
    const short = withFile("drop index concurrently public.a_id;", "--! statement_timeout 300ms\n");
    await whileWritten(database, async () => {
      expect(await refusal(migrate(database, short))).toMatch(
        sentence("failed", "statement timeout", "public.a_id", "run again"),
      );
    });
    expect(await indexes(database)).toEqual(["a_id invalid"]);
    expect(await migrate(database, short)).toEqual([FILE]);
    expect(await indexes(database)).toEqual([]);
  });

  it("reports the server's error each time when the index never existed", async () => {
    const database = await prepared();
    for (let round = 1; round <= 2; round += 1) {
      expect(await refusal(migrate(database, DROP))).toMatch(
        sentence("failed", 'index "a_id" does not exist'),
      );
    }
  });
});

describe("concurrent reindex", () => {
  it.each([
    ["an index", "reindex index concurrently public.a_id;"],
    ["a table", "reindex table concurrently public.a;"],
    ["a schema", "reindex schema concurrently public;"],
  ])("leaves nothing behind after the next run: %s", async (_what, sql) => {
    const database = await prepared();
    await scratch.session(database, (client) =>
      client.query("set role owner; create index a_id on public.a (id)"),
    );
    const texts = withFile(sql, "--! statement_timeout 300ms\n");
    const built = await identity(database);
    await whileWritten(database, async () => {
      for (let round = 1; round <= 2; round += 1) {
        expect(await refusal(migrate(database, texts))).toMatch(
          sentence("failed", "statement timeout", "public.a_id_ccnew", "drops it"),
        );
      }
    });
    expect(await indexes(database)).toEqual(["a_id valid", "a_id_ccnew invalid"]);
    expect(await migrate(database, texts)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["a_id valid"]);
    expect(await identity(database)).not.toEqual(built);
  });
});

it("migration runner runs vacuum, and repeats it when it was not recorded", async () => {
  const database = await prepared();
  const texts = withFile("vacuum (analyze) public.a;");
  await unrecorded(database, texts);
  expect(await migrate(database, texts)).toEqual([FILE]);
  expect(await recorded(database)).toEqual(DONE);
});

it("migration runner calls a committing procedure, and repeats it after a failure", async () => {
  const database = await prepared();
  await scratch.session(database, (client) =>
    client.query(`set role owner;
      create table public.stop ();
      create procedure public.steps() language plpgsql as $$
        begin
          insert into public.a values (200);
          commit;
          drop table public.stop;
        end $$;`),
  );
  await scratch.session(database, (client) =>
    client.query("set role owner; drop table public.stop"),
  );
  const texts = withFile("call public.steps();");
  expect(await refusal(migrate(database, texts))).toMatch(
    sentence("failed", 'table "stop" does not exist', "not recorded"),
  );
  await scratch.session(database, (client) =>
    client.query("set role owner; create table public.stop ()"),
  );
  const said: string[] = [];
  expect(await migrate(database, texts, { say: (text) => said.push(text) })).toEqual([FILE]);
  expect(said).toEqual([`${FILE}: an earlier run was interrupted; running it again`]);
  expect(
    await scratch.column(database, "select count(*)::int as value from public.a where id = 200"),
  ).toEqual([2]);
});

it("index outside of a transaction is built by the file's role and recorded by the owner", async () => {
  const database = await scratch.emptyDatabase();
  await scratch.session(database, (client) =>
    client.query(
      `create role witness; grant witness to migrator;
       grant usage, create on schema public to witness`,
    ),
  );
  const texts = {
    "000001_a.sql": "--! role witness\ncreate table public.a (id int);",
    "000002_i.sql":
      "--! no-transaction\n--! role witness\ncreate index concurrently i on public.a (id);",
  };
  expect(await migrate(database, texts)).toEqual(Object.keys(texts));
});
