import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client } from "pg";
import { authFunctionSql } from "../../components/pool/plan/auth-query-plan";
import { valueOf } from "../support/expect-sql";
import type { JobPod } from "../support/job-pod";
import { MaintainedServer, STORE_ENDPOINT, programPath } from "../support/maintained-server";
import { ObjectStore, barmanPrograms } from "../support/object-store";
import { postgresPrograms } from "../support/postgres-programs";

jest.setTimeout(120_000);

const tools = barmanPrograms();
const describeWithPrograms =
  tools === undefined || postgresPrograms() === undefined ? describe.skip : describe;

interface Manifest {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly record: {
    readonly exact: boolean;
    readonly tables: readonly { readonly table: string; readonly rows: number }[];
  };
}

describeWithPrograms("maintenance of sark", () => {
  let sark: MaintainedServer;
  let store: ObjectStore;
  beforeAll(async () => {
    store = await ObjectStore.start(tools ?? "", "sark-dev-backups");
    sark = await MaintainedServer.start(5000);
  });
  afterAll(async () => {
    await sark.stop();
    await store.stop();
  });

  const psql = () => dirname(programPath("psql"));
  const pod = (url = store.url, ...programs: string[]): JobPod =>
    sark.pod("dump", {
      programs: [...programs, psql(), tools ?? ""],
      replace: [
        [STORE_ENDPOINT, url],
        ["/venv/bin", tools ?? ""],
      ],
    });
  const lastRun = async () => {
    const { rows } = await sark.admin.query<{ succeeded: boolean; bytes: string; report: object }>(
      "select succeeded, bytes, report from backup_runs where kind = 'dump' order by finished_at desc limit 1",
    );
    return rows[0];
  };

  /** Puts another program before one of PostgreSQL's, for one run. `REAL` is the path of the real one. */
  const runWith = async (name: string, text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "sark-fault-"));
    chmodSync(folder, 0o755);
    const body = text.replace("REAL", programPath(name));
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    try {
      return await pod(store.url, folder).runAll();
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const emptyStore = async () => {
    for (const key of await store.keys()) await store.delete(key);
  };

  describe("the dump job", () => {
    const rows = async (client: Client) => {
      const tables = ["users", "servers", "sessions", "policies", "policy_versions", "api_keys"];
      const hashes = tables.map(
        (table) =>
          `select '${table}' as name, count(*), md5(string_agg(t::text, ',' order by t::text)) from ${table} as t`,
      );
      const { rows: found } = await client.query<Record<string, unknown>>(
        `${hashes.join(" union all ")} order by name`,
      );
      return found;
    };

    beforeAll(async () => {
      await sark.admin.query(`
        insert into servers (name, endpoint, api_key_hash, owner_id)
        select 'server ' || n, 'https://' || n || '.example.com', 'hash', (select id from users limit 1)
          from generate_series(1, 50) as n;
        select publish_policy('default', 'package default', (select id from users limit 1));`);
      await sark.insertSessions(500, "1 hour");
      await sark.admin.query("select take_rate_limit('login:203.0.113.7', 5)");
      // Objects that the layer creates as the administrator, without privileges for the jobs' login.
      await sark.admin.query(`create schema pgbouncer; ${authFunctionSql(["'sark_app_a'"])}`);
    });

    beforeEach(emptyStore);

    it("uploads a dump that restores into another database, row for row, and then its manifest", async () => {
      const { code, output } = await pod().runAll();
      expect([code, output]).toEqual([0, expect.stringMatching(/^\d+ tables$/m)]);
      const keys = await store.keys();
      const [key = ""] = keys;
      expect(key).toMatch(/^here\/dumps\/sark\/sark-\d{4}-\d\d-\d\dT\d{6}Z\.dump$/);
      expect(keys).toEqual([key, `${key}.manifest.json`]);
      const dump = await store.get(key);
      const manifest = JSON.parse((await store.get(`${key}.manifest.json`)).toString()) as Manifest;
      expect(manifest).toMatchObject({
        database: "sark",
        postgresql: expect.stringMatching(/^18\./) as unknown,
        key,
        bytes: dump.length,
        sha256: createHash("sha256").update(dump).digest("hex"),
        record: { exact: true },
      });
      expect(manifest.record.tables).toContainEqual(
        expect.objectContaining({ table: "public.sessions", rows: 500 }),
      );
      expect(await lastRun()).toEqual({
        succeeded: true,
        bytes: String(dump.length),
        report: manifest,
      });

      await sark.admin.query("create database restored");
      const connection = `host=127.0.0.1 port=${sark.server.port} user=postgres dbname=restored`;
      const { status, stderr } = spawnSync(
        programPath("pg_restore"),
        ["--exit-on-error", `--dbname=${connection}`],
        { env: { PGPASSWORD: sark.server.password }, input: dump },
      );
      expect([status, stderr.toString()]).toEqual([0, ""]);
      const restored = await sark.server.connect("postgres", "restored");
      expect(await rows(restored)).toEqual(await rows(sark.admin));
      expect(await valueOf(restored, "select count(*) from sessions")).toBe("500");
      // Its rows are lost in every crash, so a backup need not hold them.
      expect(await valueOf(restored, "select count(*) from rate_limits")).toBe("0");
    });

    it.each([
      ["is cut short by a server that goes away", "pg_dump", 'REAL "$@" | head -c 200000; exit 1'],
      [
        "is cut short, although pg_dump says that it succeeded",
        "pg_dump",
        'REAL "$@" | head -c 200000',
      ],
      ["is damaged on its way", "pg_dump", 'REAL "$@" | { head -c 200000; tail -c +200100; }'],
    ])("leaves nothing in the bucket, and says so, if a dump %s", async (_, name, text) => {
      const { code } = await runWith(name, text);
      expect(code).not.toBe(0);
      expect([await store.keys(), await store.unfinished()]).toEqual([[], 0]);
      expect(await lastRun()).toEqual({
        succeeded: false,
        bytes: null,
        report: { failed: expect.stringMatching(/error:/) as unknown },
      });
    });

    it("leaves nothing in the bucket when the pipe ends and the dump has failed", async () => {
      const here = pod();
      const folder = here.volume("shared");
      writeFileSync(
        join(folder, "start.json"),
        '{"time": "2026-03-01T23:00:00Z", "databaseBytes": 1}',
      );
      writeFileSync(join(folder, "dumped"), "failed");
      const pipe = join(folder, "data");
      spawnSync("/bin/sh", ["-c", `mkfifo -m 0666 '${pipe}'`]);
      const uploading = here.run("upload");
      spawnSync("/bin/sh", ["-c", `echo PGDMP >'${pipe}'`]);
      const { code, output } = await uploading;
      expect([code, output]).toEqual([1, expect.stringContaining("nothing is uploaded")]);
      expect([await store.keys(), await store.unfinished()]).toEqual([[], 0]);
    });

    it("fails if the store refuses the upload", async () => {
      const { code } = await pod(`${store.url}/nowhere`).runAll();
      expect(code).not.toBe(0);
      expect(await lastRun()).toMatchObject({
        succeeded: false,
        report: { failed: expect.stringMatching(/CreateMultipartUpload/) as unknown },
      });
    });
  });
});
