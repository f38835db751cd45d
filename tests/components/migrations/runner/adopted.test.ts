/** Adopts a database made by another tool's migrations, with the SQL of docs/migrations.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSchema } from "../../../../components/database-layer/catalog";
import { adoptDatabase } from "../../../../components/migrations/runner/record-baseline";
import { LEDGER_SCHEMA } from "../../../../components/migrations/runner/ledger";
import { applyMigrations } from "../../../../components/migrations/runner/run";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import {
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../../../../scratch/migration-target";

const PAGE = readFileSync(join(__dirname, "../../../../docs/migrations.md"), "utf8");

/** Line that the page adds at the top of an old file. */
const PATH = /`(set local search_path = [^`]*)`/.exec(PAGE)?.[1] ?? "";
/** SQL of the page, with its indent. */
const TAKE_OVER = /```sql\n([^]*?)```/.exec(PAGE)?.[1] ?? "";

/** Migrations of other tools, without schema names. */
const HISTORY = [
  "create type mood as enum ('sad', 'ok')",
  `create table people (id serial primary key, key uuid not null default gen_random_uuid(), name varchar(80) unique, feels mood);
   create index on people (lower(name))`,
  `create table letters (id bigint generated always as identity primary key, to_person integer not null references people on delete cascade)`,
  `create function touch() returns trigger language plpgsql as $$ begin new.name := trim(new.name); return new; end $$;
   create trigger people_touch before insert on people for each row execute function touch();
   create procedure nothing() language plpgsql as $$ begin null; end $$`,
  `create view happy as select * from people where feels = 'ok';
   create materialized view counted as select count(*) from people;
   create sequence tickets`,
  "alter table people rename to persons; alter table persons add column born date",
];

const FILES = planFiles(
  Object.fromEntries(
    HISTORY.map((sql, at) => [`00000${String(at + 1)}_a.sql`, `${PATH};\n${sql};\n`] as const),
  ),
);

let target: MigrationTarget;
beforeAll(async () => {
  target = await startMigrationTarget();
});
afterAll(() => target.stop());

const asAdmin = (database: string) => ({
  ...target.connection(database),
  user: "postgres",
});

const dumpOf = (database: string): Promise<string> =>
  withSession(asAdmin(database), (client) => readSchema(client, [LEDGER_SCHEMA]));

it("adopting a database of another tool leaves no difference from the files", async () => {
  const made = await target.freshDatabase();
  await withSession(target.connection(made), (client) =>
    applyMigrations(client, FILES, { owner: "sark_owner", ledgerReaders: [] }),
  );

  const legacy = await target.freshDatabase();
  await withSession(asAdmin(legacy), async (client) => {
    await client.query("create role legacy; grant all on schema public to legacy; set role legacy");
    // Like psql, with PostgreSQL's default search path.
    for (const sql of HISTORY) await client.query(`begin; ${sql}; commit`);
    await client.query("insert into persons (name) values ('a'); reset role");
    await client.query("revoke all on schema public from legacy");
    await client.query(TAKE_OVER);
  });

  const adopted = await withSession(target.connection(legacy), async (client) =>
    adoptDatabase(client, FILES, {
      owner: "sark_owner",
      ledgerReaders: [],
      extensions: [],
      schema: await dumpOf(made),
      confirm: () => Promise.resolve(true),
    }),
  );
  expect(adopted).toEqual(FILES.map(({ name }) => name));

  const next = planFiles({ "000007_a.sql": "alter table public.persons add column died date;" });
  const applied = await withSession(target.connection(legacy), (client) =>
    applyMigrations(client, [...FILES, ...next], { owner: "sark_owner", ledgerReaders: [] }),
  );
  expect(applied).toEqual(["000007_a.sql"]);
});
