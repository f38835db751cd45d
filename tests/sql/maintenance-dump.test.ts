import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client } from "pg";
import { authFunctionSql } from "../../components/pool/plan/auth-query-plan";
import { valueOf } from "../support/expect-sql";
import type { JobPod } from "../support/job-pod";
import { describeWithPrograms, MaintainedServer, programPath } from "../support/maintained-server";

jest.setTimeout(120_000);

describeWithPrograms("maintenance of sark", () => {
  let sark: MaintainedServer;
  beforeAll(async () => {
    sark = await MaintainedServer.start(5000);
  });
  afterAll(() => sark.stop());

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

    it("writes a file that restores into another database, row for row", async () => {
      const here = sark.pod("dump");
      const { code, output } = await here.run("dump");
      expect([code, output]).toEqual([0, expect.stringMatching(/^\d+ tables in \d+ bytes\n$/)]);
      const names = readdirSync(here.volume("dump"));
      expect(names).toEqual([expect.stringMatching(/^sark-\d{4}-\d\d-\d\dT\d{6}Z\.dump$/)]);

      await sark.admin.query("create database restored");
      const file = join(here.volume("dump"), names[0] ?? "");
      const connection = `host=127.0.0.1 port=${sark.server.port} user=postgres dbname=restored`;
      const { status, stderr } = spawnSync(
        programPath("pg_restore"),
        ["--exit-on-error", `--dbname=${connection}`, file],
        { env: { PGPASSWORD: sark.server.password }, encoding: "utf8" },
      );
      expect([status, stderr]).toEqual([0, ""]);
      const restored = await sark.server.connect("postgres", "restored");
      expect(await rows(restored)).toEqual(await rows(sark.admin));
      expect(await valueOf(restored, "select count(*) from sessions")).toBe("500");
      // Its rows are lost in every crash, so a backup need not hold them.
      expect(await valueOf(restored, "select count(*) from rate_limits")).toBe("0");
    });

    it("fails on a truncated dump, although its table of contents is complete", async () => {
      const folder = mkdtempSync(join(tmpdir(), "sark-cut-"));
      chmodSync(folder, 0o755);
      const real = programPath("pg_dump");
      const cut = `#!/bin/sh\n${real} "$@" && for last in "$@"; do :; done && truncate -s -5000 "\${last#--file=}"\n`;
      writeFileSync(join(folder, "pg_dump"), cut, { mode: 0o755 });
      const here = sark.pod("dump", { programs: [folder, dirname(programPath("psql"))] });
      const { code, output } = await here.run("dump");
      expect(code).not.toBe(0);
      expect(output).toMatch(/could not read from input file|unexpected end of file/);
      const left = readdirSync(here.volume("dump"));
      expect(left).toEqual(["sark.partial"]);
      const listed = spawnSync(
        programPath("pg_restore"),
        ["--list", join(here.volume("dump"), "sark.partial")],
        { encoding: "utf8" },
      );
      expect([listed.status, listed.stdout]).toEqual([0, expect.stringContaining("TABLE DATA")]);

      // The next try starts from scratch, whatever files it finds.
      writeFileSync(join(here.volume("dump"), "sark-2026-03-01T230000Z.dump"), "", { mode: 0o666 });
      expect(
        (await here.run("dump", { PATH: `${dirname(programPath("psql"))}:/usr/bin:/bin` })).code,
      ).toBe(0);
      const [dump, ...more] = readdirSync(here.volume("dump"));
      expect([dump, more]).toEqual([expect.stringMatching(/^sark-(?!2026-03-01T23).*\.dump$/), []]);
      rmSync(folder, { recursive: true });
    });
  });

  describe("the upload of a dump", () => {
    /** A stand-in for the AWS CLI: records its arguments, and copies. */
    const AWS = `#!/bin/sh
echo "$@" >>"$CALLS"
for last in "$@"; do file=\${target-}; target=$last; done
case $(cat "$AWS_SHARED_CREDENTIALS_FILE") in *"aws_access_key_id = key id"*) ;; *) exit 3 ;; esac
cp "$file" "$STORE/\${target##*/}"
`;
    let folder: string;
    let store: Record<string, string>;
    const uploading = (): JobPod =>
      sark.pod("dump", { programs: [folder, dirname(programPath("psql"))] });

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "sark-store-"));
      chmodSync(folder, 0o777);
      writeFileSync(join(folder, "aws"), AWS, { mode: 0o755 });
      store = { STORE: folder, CALLS: join(folder, "calls") };
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it("goes below the cluster's name in the bucket, with keys from a file", async () => {
      const here = uploading();
      const file = join(here.volume("dump"), "sark-2026-03-01T230000Z.dump");
      writeFileSync(file, "PGDMP", { mode: 0o644 });
      const target = "s3://sark-dev-backups/here/dumps/sark/sark-2026-03-01T230000Z.dump";
      expect(await here.run("upload", store)).toEqual({ code: 0, output: `${target}\n` });
      expect(readFileSync(join(folder, "calls"), "utf8")).toBe(
        `s3 cp --only-show-errors --region=us-east-1 ${file} ${target}\n`,
      );
      expect(readFileSync(join(folder, "sark-2026-03-01T230000Z.dump"), "utf8")).toBe("PGDMP");
    });

    it("fails when there is no dump, or when the object store refuses it", async () => {
      const here = uploading();
      const nothing = await here.run("upload", store);
      expect([nothing.code, nothing.output]).toEqual([1, expect.stringContaining("no dump")]);
      writeFileSync(join(here.volume("dump"), "a.dump"), "PGDMP", { mode: 0o644 });
      const refused = { ...store, STORE: join(folder, "nowhere") };
      expect((await here.run("upload", refused)).code).toBe(1);
    });
  });
});
