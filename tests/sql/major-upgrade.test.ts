/** Major upgrades of `sark` with data, from 16 to 17 to 18, in place and by dump, as on Kubernetes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapSql } from "../../components/homes/kubernetes/database/bootstrap";
import { projectRoot } from "../../components/files/project-root";
import { adminName } from "../../components/roles/plan/role-plan";
import { applyMigrations } from "../../components/migrations/runner/run";
import { readTargetIdentity } from "../../components/migrations/runner/target";
import type { TargetIdentity } from "../../components/migrations/plan/target-identity";
import { copyOver, loadTable } from "../../data/load-table";
import { tablesOf } from "../../data/tables";
import { migrationFiles } from "../../scratch/migrated";
import { goldenSchema } from "../../scratch/migration-target";
import { rolesSql } from "../../scratch/roles-sql";
import { SMALL } from "../data/read";
import { DENIED, UNIQUE_VIOLATION, sqlStateOf, valueOf } from "../support/expect-sql";
import { type PostgresMajor, postgresPrograms } from "../support/postgres-programs";
import { damage, keptFacts, type KeptFacts, outdatedExtensions } from "../support/upgrade-checks";
import { upgradeByDump, upgradeInPlace, VersionedServer } from "../support/versioned-server";

jest.setTimeout(180_000);

const programs = { 16: postgresPrograms(16), 17: postgresPrograms(17), 18: postgresPrograms(18) };
const here = Object.values(programs).every((each) => each !== undefined);

/** Extensions that an upgrade leaves at their old version. A dump creates the newest. */
const OUTDATED = {
  "by dump": { 17: [], 18: [] },
  "in place": { 17: ["pg_stat_statements"], 18: ["pg_stat_statements", "pgcrypto"] },
};

const servers: VersionedServer[] = [];

async function created(major: PostgresMajor, locale: "libc" | "builtin"): Promise<VersionedServer> {
  const server = await VersionedServer.create(major, programs[major] ?? "", locale);
  servers.push(server);
  return server;
}

/** Applies the migrations as a stack does, to a database that an earlier run has seen. */
async function migrate(server: VersionedServer, expected?: TargetIdentity) {
  const client = await server.connect("sark_migrate");
  return applyMigrations(client, migrationFiles("sark"), {
    owner: "sark_owner",
    ledgerReaders: ["pg_monitor"],
    schema: goldenSchema("sark"),
    ...(expected ? { expected } : {}),
  });
}

/** A running server with the schema. */
async function migrated(
  major: PostgresMajor,
  locale: "libc" | "builtin",
): Promise<VersionedServer> {
  const server = await created(major, locale);
  await server.start();
  await (await server.connect("postgres", "postgres")).query("create database sark");
  const admin = await server.connect();
  await admin.query(rolesSql("sark", { password: "for tests" }));
  // As the operator does on Kubernetes.
  const operator = bootstrapSql("sark");
  await admin.query(`create role ${adminName("sark")} login`);
  for (const text of [...operator.server, ...operator.database]) await admin.query(text);
  await migrate(server);
  return server;
}

/** Adds generated rows, and what the schema does not have: a sequence and a setting of a role. */
async function fill(server: VersionedServer): Promise<void> {
  const admin = await server.connect();
  // Policies and their versions refer to each other.
  await admin.query("begin");
  for (const table of tablesOf("sark", SMALL)) await loadTable(copyOver(admin), table);
  await admin.query("commit");
  await admin.query(`
    create schema extra;
    create table extra.notes (id bigint generated always as identity primary key, text text not null);
    insert into extra.notes (text) select 'note ' || n from generate_series(1, 100) as n;
    delete from extra.notes where id > 90;
    alter role sark_readonly_a in database sark set statement_timeout = '30s';`);
}

const facts = async (server: VersionedServer): Promise<KeptFacts> =>
  keptFacts(await server.connect(), ["extra"]);

const statistics = async (server: VersionedServer) =>
  Number(
    await valueOf(
      await server.connect(),
      "select count(*) from pg_stats where schemaname = 'public'",
    ),
  );

/** The statements of docs/upgrades.md that begin with a word. */
function statementsOf(word: "grant" | "revoke" | "select lower"): string {
  const text = readFileSync(join(projectRoot(), "docs", "upgrades.md"), "utf8");
  return [...text.matchAll(new RegExp(`^ *${word}\\b.*;$`, "gm"))].join("\n");
}

(here ? describe : describe.skip)("a major upgrade of sark", () => {
  let before: KeptFacts;
  let old: VersionedServer;
  let was: TargetIdentity;
  beforeAll(async () => {
    old = await migrated(16, "libc");
    await fill(old);
    before = await facts(old);
    was = await readTargetIdentity(await old.connect());
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.remove()));
  });

  it("begins on PostgreSQL 16 with the same schema as on 18", () => {
    expect(before.schema).toBe(goldenSchema("sark"));
    expect(before.tables["public.users"]).toMatch(/^1000 rows, -?[1-9]\d+$/);
    expect(before.sequences).toContainEqual(
      expect.objectContaining({ sequencename: "notes_id_seq", last_value: "100" }),
    );
  });

  const upgrades = [
    [
      "by dump",
      async (from: VersionedServer, to: VersionedServer) => {
        await to.start();
        await upgradeByDump(from, to);
      },
    ],
    [
      "in place",
      async (from: VersionedServer, to: VersionedServer) => {
        await from.stop();
        await upgradeInPlace(from, to);
        await to.start();
      },
    ],
  ] as const;

  describe.each(upgrades)("%s", (how, upgrade) => {
    let from: VersionedServer;
    let identity: TargetIdentity;
    beforeAll(() => {
      from = old;
      identity = was;
    });

    it.each([17, 18] as const)(
      "to %i keeps rows, sequences, roles, passwords, collation and schema",
      async (major) => {
        const to = await created(major, "libc");
        await upgrade(from, to);
        from = to;
        expect(await facts(to)).toEqual(before);
        const admin = await to.connect();
        expect(await damage(admin)).toEqual([]);

        const now = await readTargetIdentity(admin);
        expect(now.systemIdentifier).not.toBe(identity.systemIdentifier);
        // The runner takes the new server for an upgrade of the old one, and has nothing to do.
        expect(await migrate(to, identity)).toEqual([]);
        identity = now;

        const outdated = await outdatedExtensions(admin);
        expect([how, major, outdated]).toEqual([how, major, OUTDATED[how][major]]);
        for (const name of outdated) await admin.query(`alter extension ${name} update`);
        expect(await outdatedExtensions(admin)).toEqual([]);
        // Only pg_upgrade to 18 keeps statistics.
        expect((await statistics(to)) > 0).toBe(how === "in place" && major === 18);
        await admin.query("analyze");
        expect(await statistics(to)).toBeGreaterThan(50);
      },
    );
  });

  describe("that docs/upgrades.md warns of", () => {
    it("fails from 16 while PUBLIC may not write messages to the WAL, until a superuser grants it", async () => {
      const from = await created(16, "libc");
      await from.start();
      const client = await from.connect("postgres", "postgres");
      for (const kind of ["text", "bytea"]) {
        await client.query(
          `revoke execute on function pg_logical_emit_message(boolean, text, ${kind}) from public`,
        );
      }
      await from.stop();
      await expect(upgradeInPlace(from, await created(17, "libc"))).rejects.toThrow(
        /Restoring database schemas.*\s+\*failure\*/,
      );

      // A failure before the files were linked leaves the old cluster as it was.
      await from.start();
      const again = await from.connect("postgres", "postgres");
      await again.query(statementsOf("grant"));
      await from.stop();
      const to = await created(17, "libc");
      await upgradeInPlace(from, to);
      await to.start();
      const upgraded = await to.connect("postgres", "postgres");
      await upgraded.query(`create role reader; ${statementsOf("revoke")}; set role reader`);
      const message = upgraded.query("select pg_logical_emit_message(false, 'a', 'b')");
      expect(await sqlStateOf(message)).toBe(DENIED);
    });

    it("refuses a dump from 16 in a database with the collation of 17, if names differ in capitals outside ASCII", async () => {
      const from = await migrated(16, "libc");
      const inside = await from.connect();
      const add = (name: string) =>
        inside.query("insert into users (username, email) values ($1, md5($1) || '@example.com')", [
          name,
        ]);
      await add("Änne");
      expect(await sqlStateOf(add("Änne"))).toBe(UNIQUE_VIOLATION);
      await add("änne");
      expect((await inside.query(statementsOf("select lower"))).rows).toEqual([
        { lower: "änne", count: "2" },
      ]);
      const to = await created(17, "builtin");
      await to.start();
      await expect(upgradeByDump(from, to, "the new server's")).rejects.toThrow(
        "users_username_lower_key",
      );
    });
  });
});
