import { BLOAT } from "../../components/maintenance/plan/maintenance-plan";
import { waitUntil } from "../../components/homes/local/processes/process";
import { describeWithPrograms, MaintainedServer } from "../support/maintained-server";

jest.setTimeout(120_000);

describeWithPrograms("maintenance of sark", () => {
  let sark: MaintainedServer;
  beforeAll(async () => {
    sark = await MaintainedServer.start(60_000);
  });
  afterAll(() => sark.stop());

  describe("the reindex job", () => {
    interface Index {
      readonly name: string;
      readonly bytes: number;
      readonly file: number;
      readonly valid: boolean;
    }
    const indexes = async (): Promise<readonly Index[]> => {
      const { rows } = await sark.admin.query<Index>(`
        select c.relname as name, pg_relation_size(c.oid)::integer as bytes, pg_relation_filenode(c.oid)::integer as file,
               i.indisvalid as valid
          from pg_index as i join pg_class as c on c.oid = i.indexrelid
         where c.relnamespace = 'public'::regnamespace order by 1`);
      return rows;
    };
    /** One megabyte in place of the production minimum. */
    const small: [string, string] = [
      `minimum_bytes=${BLOAT.minimumBytes}`,
      "minimum_bytes=1048576",
    ];
    const statements = (output: string) =>
      output.split("\n").filter((line) => /^(drop|reindex)/.test(line));

    it("skips indexes with the normal fill of random keys", async () => {
      await sark.admin.query("delete from sessions");
      await sark.insertSessions(60_000, "1 hour");
      await sark.admin.query("vacuum analyze");
      const before = await indexes();
      expect(before.filter(({ bytes }) => bytes > 2 ** 20).length).toBeGreaterThan(6);

      expect(await sark.run("reindex", small)).toEqual({ code: 0, output: "" });
      expect(await indexes()).toEqual(before);
    });

    it("rebuilds only bloated indexes, and makes them smaller", async () => {
      await sark.admin.query("delete from sessions where random() < 0.9");
      await sark.admin.query("vacuum analyze sessions");
      const before = await indexes();

      const { code, output } = await sark.run("reindex", small);
      const bloated = [
        "sessions_access_token_jti_key",
        "sessions_expires_at_idx",
        "sessions_pkey",
        "sessions_refresh_token_hash_key",
        "sessions_user_id_expires_at_idx",
      ].filter((name) => (before.find((each) => each.name === name)?.bytes ?? 0) >= 2 ** 20);
      expect(bloated.length).toBeGreaterThan(3);
      expect([code, statements(output).sort()]).toEqual([
        0,
        bloated.map((name) => `reindex index concurrently public.${name}`),
      ]);

      const after = await indexes();
      const rebuilt = after.filter(({ file }, at) => file !== before[at]?.file);
      expect(rebuilt.map(({ name }) => name)).toEqual(bloated);
      for (const index of rebuilt) {
        const old = before.find(({ name }) => name === index.name);
        expect(index.bytes).toBeLessThan((old?.bytes ?? 0) / 4);
        expect(index.valid).toBe(true);
      }
      expect(await sark.run("reindex", small)).toEqual({ code: 0, output: "" });
    });

    it("estimates the size of a rebuilt index within a fifth, for every kind of column", async () => {
      await sark.admin.query(`
        set role sark_owner;
        create table shapes as
        select n as id, n % 7 as few, 'name ' || n as name, repeat('x', 1 + n % 40) as varying,
               case when n % 4 = 0 then 'uid=' || md5(n::text) || ',dc=example' end as seldom, now() as same,
               md5(n::text) as hash
          from generate_series(1, 200000) as n;
        create index on shapes (few);
        create index on shapes (name);
        create index on shapes (varying, id);
        create unique index on shapes (seldom) where seldom is not null;
        create index on shapes (seldom);
        create index on shapes (same);
        create index on shapes (lower(hash)) with (fillfactor = 70);
        create index on shapes (id) include (hash);
        reset role`);
      await sark.admin.query("vacuum analyze shapes");
      await sark.admin.query(
        "reindex table sessions; reindex table users; analyze sessions, users",
      );
      const { output } = await sark.run("reindex", small, ["bloat_percent=50", "bloat_percent=20"]);
      expect(output).toBe("");
      // The reverse: with a third of the rows, indexes take less than half of the space.
      await sark.admin.query("delete from shapes where id % 3 > 0");
      await sark.admin.query("vacuum analyze shapes");
      const { rows } = await sark.admin.query<{ name: string }>(`
        select indexrelname as name from pg_stat_user_indexes
         where relname = 'shapes' and pg_relation_size(indexrelid) >= 1048576 order by 1`);
      expect(rows).toHaveLength(8);
      expect(statements((await sark.run("reindex", small)).output).sort()).toEqual(
        rows.map(({ name }) => `reindex index concurrently public.${name}`),
      );
      await sark.admin.query("drop table shapes");
    });

    it("drops the invalid index of a failed rebuild, but not one that is being built", async () => {
      const writer = await sark.server.connect("sark_app_a");
      await writer.query("begin; update users set is_admin = true where username = 'user1'");
      const failing = await sark.server.connect("sark_maintain");
      await failing.query("set lock_timeout = '100ms'");
      const rebuild = "reindex index concurrently public.users_email_lower_key";
      await expect(failing.query(rebuild)).rejects.toThrow("lock timeout");
      const invalid = async () => (await indexes()).filter(({ valid }) => !valid);
      expect((await invalid()).map(({ name }) => name)).toEqual(["users_email_lower_key_ccnew"]);

      // Another session rebuilds an index, and waits for the writer too.
      await failing.query("set lock_timeout = 0");
      const building = failing.query("reindex index concurrently public.users_pkey");
      await waitUntil(async () => (await invalid()).length === 2, 10_000);
      const first = await sark.run("reindex", ["lock_timeout=360s", "lock_timeout=100ms"]);
      expect(statements(first.output)).toEqual([
        "drop index concurrently if exists public.users_email_lower_key_ccnew",
      ]);
      await writer.query("rollback");
      await building;

      const { code } = await sark.run("reindex");
      expect(code).toBe(0);
      expect(await invalid()).toEqual([]);
      expect((await indexes()).filter(({ name }) => name.includes("_cc"))).toEqual([]);
    });
  });
});
