/** Dumps of both databases, and what comes back when they are restored. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRestored } from "../../../components/backups/checks/check-restored";
import { dumpDatabase, type WrittenDump } from "../../../components/backups/dump/dump-database";
import { findPostgresTools } from "../../../components/backups/dump/postgres-tools";
import { restoreDump } from "../../../components/backups/dump/restore-dump";
import { verifyDump } from "../../../components/backups/dump/verify-dump";
import {
  type ConnectionInput,
  withClient,
} from "../../../components/connections/provider-connection";
import { goldenSchema } from "../../../scratch/migration-target";
import { migratedSark, SQL_FOLDER } from "../../../scratch/migrated";
import { startScratchPostgres } from "../../../scratch/scratch-postgres";
import { startScratchTimescale } from "../../../scratch/scratch-timescale";
import { describeWithPgDump, DumpedTrail, SECRET } from "../../support/dumped-trail";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);
const anything: unknown = expect.anything();

jest.setTimeout(180_000);

const TIMESCALE_STATE = `
  select (select count(*)::int from timescaledb_information.hypertables) as hypertables,
         (select count(*)::int from timescaledb_information.chunks where is_compressed) as compressed,
         (select count(*)::int from timescaledb_information.continuous_aggregates) as aggregates,
         (select string_agg(proc_name, ' ' order by job_id) from timescaledb_information.jobs where scheduled) as jobs`;

describeWithPgDump("a dump of sark_audit", () => {
  let trail: DumpedTrail;
  let dump: WrittenDump;
  beforeAll(async () => {
    trail = await DumpedTrail.start();
    ({ dump } = trail);
  });
  afterAll(() => trail.stop());

  test("is one encrypted file and a manifest, and can be verified", async () => {
    expect(readdirSync(trail.folder).sort()).toEqual([
      matching(/^sark_audit-\d{8}T\d{6}Z-[0-9a-f]{6}\.dump$/),
      matching(/^sark_audit-\d{8}T\d{6}Z-[0-9a-f]{6}\.json$/),
    ]);
    expect(readFileSync(dump.file.replace(/json$/, "dump")).includes("PGDMP")).toBe(false);
    expect(dump.manifest).toMatchObject({
      database: "sark_audit",
      timescaledb: matching(/^2\./),
      record: { exact: true },
    });
    expect(JSON.stringify(dump.manifest)).not.toContain(SECRET);
    await expect(
      verifyDump(dump.file, { secret: SECRET, database: "sark_audit" }),
    ).resolves.toEqual(dump.manifest);
  });

  test("restores hypertables, compressed chunks, aggregates and jobs, row for row, with valid digests", async () => {
    const target = await startScratchTimescale(trail.script);
    const { host, port, user, password } = target;
    const restored: ConnectionInput = {
      host,
      port,
      user,
      password,
      database: "sark_audit",
      sslMode: "disable",
    };
    try {
      await restoreDump(dump.file, restored, { secret: SECRET, database: "sark_audit" });
      const options = {
        database: "sark_audit",
        record: dump.manifest.record,
        golden: {
          dump: goldenSchema("sark_audit"),
          files: readdirSync(join(SQL_FOLDER, "sark_audit")).sort(),
        },
        pages: false,
      } as const;
      const results = await withClient(restored, (client) => checkRestored(client, options));
      expect(results).toEqual([
        {
          name: "rows",
          passed: true,
          detail: containing("each row as in the record"),
        },
        { name: "catalog", passed: true, detail: anything },
        {
          name: "digests",
          passed: true,
          detail: matching(/^[1-9]\d* days with digests are intact/),
        },
      ]);
      const [before, after] = await Promise.all(
        [trail.connection, restored].map((each) =>
          withClient(
            each,
            async (client) =>
              (await client.query<Readonly<Record<string, unknown>>>(TIMESCALE_STATE)).rows,
          ),
        ),
      );
      expect(after).toEqual(before);
      expect(after?.[0]).toMatchObject({
        hypertables: 3,
        compressed: anything,
        aggregates: 3,
      });
      expect(after?.[0]?.["compressed"]).toBeGreaterThan(5);

      // It takes new rows, and its jobs run.
      await withClient(restored, async (client) => {
        await client.query(
          "insert into public.audit_events (event_type, status) values ('new', 'success')",
        );
        const { rows } = await client.query<{ id: number }>(
          "select job_id as id from timescaledb_information.jobs where proc_name ~ 'refresh|compression' order by 1",
        );
        for (const { id } of rows) await client.query(`call public.run_job(${id})`);
      });

      // Whoever tampers with a row of a digested day is found.
      await withClient(restored, async (client) => {
        await client.query(`
          drop trigger audit_events_append_only on public.audit_events;
          drop trigger audit_events_append_only_rows on public.audit_events;
          update public.audit_events set status = 'failure'
           where event_id = (select event_id from public.audit_events where event_type <> 'new' order by time desc limit 1)`);
        const tampered = await checkRestored(client, options);
        expect(tampered.find(({ name }) => name === "digests")).toEqual({
          name: "digests",
          passed: false,
          detail: matching(/^audit_events \d{4}-\d\d-\d\d: rows changed$/),
        });
      });
      await expect(
        restoreDump(dump.file, restored, { secret: SECRET, database: "sark_audit" }),
      ).rejects.toThrow(/the database to restore into has \d+ tables; it must be empty/);
    } finally {
      await target.stop();
    }
  });
});

describeWithPgDump("a dump of sark", () => {
  test("has the rows of one snapshot, under writers, and restores them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sark-dumps-"));
    const server = await migratedSark();
    const target = await startScratchPostgres({ preload: ["pg_stat_statements"] });
    const at = (port: number, password: string, database: string): ConnectionInput => ({
      host: "127.0.0.1",
      port,
      user: "postgres",
      password,
      database,
      sslMode: "disable",
    });
    const traffic = { stop: false };
    const writer = await server.connect("postgres");
    const writing = (async () => {
      for (let n = 0; !traffic.stop; n += 1) {
        await writer.query(
          `insert into public.users (username, email) values ('u${n}', 'u${n}@example.com')`,
        );
      }
    })();
    try {
      const { file, manifest } = await dumpDatabase(at(server.port, server.password, "sark"), {
        folder: folder,
        secret: SECRET,
      });
      traffic.stop = true;
      await writing;
      expect(manifest.record.exact).toBe(true);
      await withClient(at(target.port, target.password, "postgres"), (client) =>
        client.query("create database sark"),
      );
      const restored = at(target.port, target.password, "sark");
      await restoreDump(file, restored, { secret: SECRET, database: "sark" });
      // Migrated without the runner, so the catalog has no ledger to tell its files.
      const golden = { dump: goldenSchema("sark"), files: [] };
      const results = await withClient(restored, (client) =>
        checkRestored(client, { database: "sark", record: manifest.record, golden }),
      );
      expect(results.filter(({ passed }) => passed).map(({ name }) => name)).toEqual([
        "rows",
        "pages",
      ]);
    } finally {
      traffic.stop = true;
      await writing;
      await server.stop();
      await target.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

test("without pg_dump, the error names the version, where it was looked for, and the package", () => {
  expect(() => findPostgresTools(18, ["/nowhere"])).toThrow(
    "there are no pg_dump and pg_restore of PostgreSQL 18 or later on the PATH or in /usr/lib/postgresql/*/bin. " +
      "Install them: Debian's package is postgresql-client-18",
  );
});
