import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { availableBackups } from "../../../../../components/homes/local/backups/available-backups";
import {
  archiveNow,
  servedRepository,
} from "../../../../../components/homes/local/backups/server-backups";
import { stop } from "../../../../../components/homes/local/processes/postgres";
import {
  ADMIN,
  BackedUpServer,
  describeWithPgBackRest,
  filesIn,
} from "../../../../support/backed-up-server";

jest.setTimeout(180_000);

const ROWS = "select count(*)::int as rows, max(id) as newest from events";

describeWithPgBackRest("a local server with backups", () => {
  let server: BackedUpServer;
  /** After the first 1000 rows, and before everything else. */
  let early: string;
  /** The second before the disaster: 2000 rows. */
  let before: string;

  beforeAll(async () => {
    server = await BackedUpServer.start();
    await server.query("create table events as select generate_series(1, 1000) as id");
    early = await server.now();
    await server.query("insert into events select generate_series(1001, 2000)");
    before = await server.now();
    await server.query("insert into events values (2001)");
    await server.query("delete from events where id <= 500");
    await server.query("drop table events");
    await archiveNow(server.folder, ADMIN);
  });
  afterAll(() => server.remove());

  const recover = (recovery: object) => server.up({ recovery });

  it("has a base backup and no gaps, and keeps no secret outside of its private file", async () => {
    const available = await availableBackups(servedRepository("sark"));
    expect(available.backups).toHaveLength(1);
    expect(available.gaps).toEqual([]);
    expect(available.newestWal?.name).toMatch(/^00000001/);
    const config = join(server.folder, "pgbackrest.conf");
    expect(statSync(config).mode & 0o777).toBe(0o600);
    const [row] = await server.query<{ command: string }>(
      "select current_setting('archive_command') as command",
    );
    expect(row?.command).not.toContain("passphrase");
    const leaks = [...filesIn(server.folder), ...filesIn(server.store)].filter(
      (file) => file !== config && readFileSync(file).includes("a-passphrase"),
    );
    expect(leaks).toEqual([]);
  });

  it("refuses times outside of the backups before anything changes, and says what is available", async () => {
    const problems = async (time: string) =>
      (await server.failures({ recovery: { generation: 2, time } })).join();
    const range = /available: \d{4}-\S+Z to \d{4}-\S+Z/;
    expect(await problems("2020-01-01T00:00:00Z")).toMatch(
      /before the end of the first base backup/,
    );
    expect(await problems("2020-01-01T00:00:00Z")).toMatch(range);
    expect(await problems("2999-01-01T00:00:00Z")).toMatch(/lies in the future/);
    expect(await problems("2026-01-01T00:00:00")).toMatch(/has no time zone/);
  });

  it("recovers to the second before a table was dropped: every earlier row, and no later one", async () => {
    expect(await recover({ generation: 2, time: before })).toBe("update");
    expect(await server.query(ROWS)).toEqual([{ rows: 2000, newest: 2000 }]);
    const [row] = await server.query<{ data: string; setting: string }>(
      "select current_setting('data_directory') as data, current_setting('restore_command') as setting",
    );
    expect(row).toEqual({ data: join(server.folder, "data-g2"), setting: "" });
    await server.query("insert into events values (3000)");
  });

  it("takes the recovered server's own base backup", async () => {
    const { backups, gaps } = await availableBackups(servedRepository("sark"));
    expect([backups.length, gaps.length]).toEqual([1, 0]);
  });

  it("refuses to overwrite a generation", async () => {
    expect((await server.failures({ recovery: { generation: 2, time: early } })).join()).toMatch(
      /generation 2 exists, restored from generation 1 to .*take the next number/,
    );
  });

  it("serves the old data again without the recovery, as it was left", async () => {
    expect(await server.up()).toBe("update");
    await expect(server.query(ROWS)).rejects.toThrow(/does not exist/);
    expect(await server.query("select current_setting('data_directory') as data")).toEqual([
      { data: join(server.folder, "data") },
    ]);
  });

  it("recovers twice from one archive: each fork has its own archive and rows", async () => {
    await recover({ generation: 3, from: 1, time: early });
    expect(await server.query(ROWS)).toEqual([{ rows: 1000, newest: 1000 }]);
    await recover({ generation: 4, from: 2 });
    expect(await server.query(ROWS)).toEqual([{ rows: 2001, newest: 3000 }]);
  });

  it("recovers a server whose data is gone, also without its folder", async () => {
    await archiveNow(server.folder, ADMIN);
    await stop(server.folder);
    rmSync(server.folder, { recursive: true, force: true });
    expect((await server.failures()).join()).toMatch(
      /holds backups of an earlier server as sark, and this server has no data/,
    );
    expect(await recover({ generation: 5, from: 4 })).toBe("update");
    expect(await server.query(ROWS)).toEqual([{ rows: 2001, newest: 3000 }]);
  });

  it("keeps the backups when it is deleted", async () => {
    await server.delete();
    expect(server.folder).toBe("");
    expect(existsSync(join(server.store, "backup", "sark", "backup.info"))).toBe(true);
  });
});
