import { spawnSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../../components/homes/local/processes/process";
import { valueOf } from "../support/expect-sql";
import {
  describeWithPrograms,
  MaintainedServer,
  PRIMARY,
  programPath,
} from "../support/maintained-server";
import { serverCertificate } from "../support/server-certificate";

jest.setTimeout(120_000);

describeWithPrograms("maintenance of sark", () => {
  let sark: MaintainedServer;
  beforeAll(async () => {
    sark = await MaintainedServer.start(3000);
  });
  afterAll(() => sark.stop());

  describe("the session clean-up job", () => {
    beforeAll(async () => {
      // As the owner's function, so that any login that deletes may write to it.
      await sark.admin.query(`
        set role sark_owner;
        create table batches (id bigserial, deleted integer, who text, xact xid8 default pg_current_xact_id());
        create function note_batch() returns trigger language plpgsql as $$
        begin
          insert into public.batches (deleted, who) select count(*), session_user from gone;
          return null;
        end $$;
        create trigger note_batch after delete on sessions referencing old table as gone
          for each statement execute function note_batch();
        reset role;`);
      await sark.insertSessions(2500, "-1 hour");
      await sark.insertSessions(300, "1 hour");
    });
    afterAll(() =>
      sark.admin.query("drop table batches cascade; drop function note_batch cascade"),
    );

    it("stops when its time is over, and reports that rows are left", async () => {
      const { code, output } = await sark.run("expired-sessions", [
        "--set=seconds=180",
        "--set=seconds=0",
      ]);
      expect([code, output]).toEqual([
        0,
        expect.stringContaining("1000 rows deleted, and there are more"),
      ]);
      expect(await sark.count("sessions where expires_at <= now()")).toBe(1500);
    });

    it("deletes expired sessions in batches that each commit, without waiting for locks", async () => {
      await sark.insertSessions(1000, "-1 hour");
      const other = await sark.server.connect("sark_app_a");
      await other.query("begin");
      await other.query("select from sessions where expires_at <= now() limit 1 for update");
      const { code, output } = await sark.run("expired-sessions");
      await other.query("rollback");

      expect([code, output]).toEqual([0, expect.stringMatching(/NOTICE: {2}2499 rows deleted\n/)]);
      expect(await sark.count("sessions where expires_at > now()")).toBe(300);
      expect(await sark.count("sessions where expires_at <= now()")).toBe(1);
      const { rows } = await sark.admin.query(
        "select deleted, who from batches order by id offset 1",
      );
      expect(rows).toEqual([1000, 1000, 499].map((deleted) => ({ deleted, who: "sark_maintain" })));
      expect(await valueOf(sark.admin, "select count(distinct xact) from batches")).toBe("4");
    });
  });

  it("the rate limit clean-up job deletes counters without effect", async () => {
    await sark.admin.query(`
      insert into rate_limits (bucket, window_seconds, window_start, hits)
      select 'login:' || n, 60, now() - n * interval '1 minute', 1 from generate_series(0, 19) as n`);
    const { code, output } = await sark.run("idle-rate-limits");
    expect([code, output]).toEqual([0, expect.stringContaining("18 rows deleted")]);
    expect(await sark.count("rate_limits")).toBe(2);
  });

  describe("the login of the maintenance jobs", () => {
    it("connects with its own copy of the password file, since libpq refuses the mounted one", async () => {
      const here = sark.pod("expired-sessions");
      const mounted = join(here.volume("login"), "pgpass");
      expect(statSync(mounted).mode & 0o777).toBe(0o440);
      const connection = `host=127.0.0.1 port=${sark.server.port} user=sark_maintain dbname=sark`;
      const { status, stderr } = spawnSync(programPath("psql"), ["--no-password", connection], {
        env: { PGPASSFILE: mounted },
        encoding: "utf8",
      });
      expect([status, stderr]).toEqual([2, expect.stringContaining("has group or world access")]);

      expect((await here.runAll()).code).toBe(0);
      const copy = join(here.volume("private"), "pgpass");
      expect(statSync(copy).mode & 0o777).toBe(0o600);
    });

    it("refuses a server whose certificate is not signed by the authority", async () => {
      const other = serverCertificate(PRIMARY);
      rmSync(other.folder, { recursive: true });
      const secrets = { "sark-ca": { "ca.crt": other.authority } };
      const { code, output } = await sark.pod("expired-sessions", { secrets }).runAll();
      expect([code, output]).toEqual([2, expect.stringContaining("certificate verify failed")]);
    });

    it("refuses a server whose certificate has another name", async () => {
      const { code, output } = await sark.run("expired-sessions", [PRIMARY, `other-${PRIMARY}`]);
      expect([code, output]).toEqual([2, expect.stringContaining("does not match host name")]);
    });

    it("is no superuser, and has the limits that the job sets", async () => {
      const asked = [
        "statement_timeout",
        "lock_timeout",
        "client_connection_check_interval",
        "is_superuser",
      ];
      const values = asked.map((name) => `current_setting('${name}')`).join(", ");
      const { output } = await sark.run("expired-sessions", [
        "--file=/etc/maintenance/files/clean-up.sql",
        `--command=select ${values}, (select ssl from pg_stat_ssl where pid = pg_backend_pid())`,
      ]);
      const row = output
        .split("\n")[2]
        ?.split("|")
        .map((each) => each.trim());
      expect(row).toEqual(["4min", "5s", "10s", "off", "t"]);
    });
  });

  it("has its session ended on the server when its pod is killed", async () => {
    const asleep = async () =>
      (await sark.count("pg_stat_activity where query like '%pg_sleep(60)' and state = 'active'")) >
      0;
    const here = sark.pod("expired-sessions", {
      replace: [
        ["--file=/etc/maintenance/files/clean-up.sql", "--command=select pg_sleep(60)"],
        ["client_connection_check_interval=10s", "client_connection_check_interval=100ms"],
      ],
    });
    const running = waitUntil(asleep, 10_000);
    const { code } = await here.run("expired-sessions", {}, running);
    expect([await running, code]).toEqual([true, null]);
    expect(await waitUntil(async () => !(await asleep()), 10_000)).toBe(true);
  });

  describe("the vacuum job", () => {
    const vacuumed = async () => {
      const { rows } = await sark.admin.query<{ relname: string }>(`
        select relname from pg_stat_user_tables
         where last_vacuum is not null and last_analyze is not null order by relname`);
      return rows.map(({ relname }) => relname);
    };
    afterEach(() => sark.admin.query("select pg_stat_reset()"));

    it("vacuums each busy table by itself, and leaves the others to autovacuum", async () => {
      const { code, output } = await sark.run("vacuum");
      expect([code, output.trim().split("\n")]).toEqual([
        0,
        ["sessions", "rate_limits", "servers", "users"].map(
          (table) => `vacuum (analyze, index_cleanup on, truncate off) ${table}`,
        ),
      ]);
      expect(await vacuumed()).toEqual(["rate_limits", "servers", "sessions", "users"]);
    });

    it("continues when one table is locked, and then fails", async () => {
      const other = await sark.server.connect("sark_migrate");
      await other.query("set role sark_owner; begin; lock table public.servers in share mode");
      const { code, output } = await sark.run("vacuum", ["lock_timeout=60s", "lock_timeout=100ms"]);
      await other.query("rollback");
      expect([code, output]).toEqual([1, expect.stringContaining("due to lock timeout")]);
      expect(await vacuumed()).toEqual(["rate_limits", "sessions", "users"]);
    });
  });
});
