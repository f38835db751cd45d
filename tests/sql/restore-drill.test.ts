import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MaintainedServer, STORE_ENDPOINT, programPath } from "../support/maintained-server";
import { ObjectStore, STORE_KEYS, barmanPrograms } from "../support/object-store";
import { postgresPrograms } from "../support/postgres-programs";

jest.setTimeout(120_000);

const barman = barmanPrograms();
const describeWithBarman =
  barman === undefined || postgresPrograms() === undefined ? describe.skip : describe;

const BUCKET = "sark-dev-backups";
const ARCHIVE = `s3://${BUCKET}/here`;

describeWithBarman("the restore drill", () => {
  const tools = barman ?? "";
  let store: ObjectStore;
  let sark: MaintainedServer;

  const environment = () => ({
    ...STORE_KEYS,
    AWS_ENDPOINT_URL: store.url,
    AWS_DEFAULT_REGION: "us-east-1",
  });

  /** A base backup, as the operator's plugin makes it. */
  const backUp = (): void => {
    const connection = ["--host=127.0.0.1", `--port=${sark.server.port}`, "--user=postgres"];
    const options = ["--lz4", "--immediate-checkpoint", ...connection];
    const { status, stderr } = spawnSync(
      join(tools, "barman-cloud-backup"),
      [...options, ARCHIVE, "sark"],
      {
        env: { ...environment(), PATH: process.env["PATH"], PGPASSWORD: sark.server.password },
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(stderr);
  };

  const pod = () =>
    sark.pod("restore-drill", {
      programs: [dirname(programPath("psql")), tools],
      replace: [
        [STORE_ENDPOINT, store.url],
        ["/venv/bin", tools],
      ],
    });

  /** Damages or removes something between the record and the restore, and puts it back after the drill. */
  const drillWithout = async (key: RegExp, change?: (body: Buffer) => void) => {
    const here = pod();
    await here.run("record");
    const keys = (await store.keys("here/sark/")).filter((each) => key.test(each));
    const kept = await Promise.all(
      keys.map(async (each) => [each, await store.get(each)] as const),
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const [each, body] of kept) {
      const copy = Buffer.from(body);
      change?.(copy);
      await (change ? store.put(each, copy) : store.delete(each));
    }
    try {
      expect((await here.run("fetch", { DRILL_WAIT: "20" })).code).toBe(0);
      return await here.run("restore-drill");
    } finally {
      for (const [each, body] of kept) await store.put(each, body);
    }
  };
  const failures = async () =>
    (await lastRun())?.report.checks
      .filter(({ passed }) => !passed)
      .map(({ name, detail }) => `${name}: ${detail}`);

  const lastRun = async () => {
    const { rows } = await sark.admin.query<{ succeeded: boolean; report: DrillReport }>(
      "select succeeded, report from backup_runs where kind = 'restore drill' order by finished_at desc limit 1",
    );
    return rows[0];
  };

  beforeAll(async () => {
    store = await ObjectStore.start(tools, BUCKET);
    const variables = Object.entries(environment()).map(([name, value]) => `${name}=${value}`);
    sark = await MaintainedServer.start(2000, {
      archive_mode: "on",
      archive_timeout: "5s",
      archive_command: `env ${variables.join(" ")} ${tools}/barman-cloud-wal-archive --zstd ${ARCHIVE} sark %p`,
    });
    backUp();
    await sark.insertSessions(500, "1 hour");
  });
  afterAll(async () => {
    await sark.stop();
    await store.stop();
  });

  it("restores the newest base backup to a record of the primary, row for row", async () => {
    const { code, output } = await pod().runAll();
    expect([code, output]).toEqual([0, expect.stringContaining("as recorded")]);
    const run = await lastRun();
    expect(run?.succeeded).toBe(true);
    expect(run?.report.checks.map(({ name }) => name)).toEqual([
      "backup and WAL",
      "recovery",
      "server",
      "recovery has ended",
      "rows and checksums",
      "newest row",
      "tables and indexes",
      "page checksums",
    ]);
  });

  it("fails, with the reason in backup_runs, when a WAL segment is missing", async () => {
    // Needed between base backup and record.
    const { code } = await drillWithout(/wals\/.*0{6}0[23]\./);
    expect(code).not.toBe(0);
    expect(await failures()).toEqual([
      expect.stringMatching(
        /^backup and WAL: the archive lacks 2 WAL segments from 0{7}10{15}2 on/,
      ),
    ]);
  });

  it("fails when the base backup is gone", async () => {
    const { code } = await drillWithout(/base\/.*backup\.info$/);
    expect(code).not.toBe(0);
    expect(await failures()).toEqual([expect.stringContaining("has no base backup")]);
  });

  it("fails when a WAL segment is damaged", async () => {
    const { code } = await drillWithout(/wals\/.*[0-9A-F]{24}/, flip);
    expect(code).not.toBe(0);
    expect(await failures()).toEqual([
      // Unpacked, it fails its own checksum.
      expect.stringMatching(/^(backup and WAL: barman-cloud-wal-restore .* zstd |recovery: )/),
    ]);
  });

  it("fails when a file of the base backup is damaged", async () => {
    const { code } = await drillWithout(/data\.tar\.lz4$/, flip);
    expect(code).not.toBe(0);
    expect(await failures()).toEqual([expect.stringContaining("is incomplete")]);
  });

  it("fails when the WAL of the record is not archived in time", async () => {
    const here = pod();
    await here.run("record");
    const file = join(here.volume("shared"), "record.json");
    const record = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...record, lsn: "7/0", until: "7/100" }));
    await here.run("fetch", { DRILL_WAIT: "3" });
    expect((await here.run("restore-drill")).code).not.toBe(0);
    expect(await failures()).toEqual([
      expect.stringMatching(/is not in the archive after 3 seconds/),
    ]);
  });

  it("fails when the restored rows are not those of the record", async () => {
    const here = pod();
    await here.run("record");
    const file = join(here.volume("shared"), "record.json");
    const record = JSON.parse(readFileSync(file, "utf8")) as Recorded;
    const tables = record.tables.map((each) =>
      each.table === "public.users" ? { ...each, checksum: "1" } : each,
    );
    writeFileSync(file, JSON.stringify({ ...record, tables }));
    await here.run("fetch");
    expect((await here.run("restore-drill")).code).not.toBe(0);
    expect(await failures()).toEqual(["rows and checksums: public.users has other values"]);
  });
});

/** Changes bytes in the middle. */
function flip(body: Buffer): void {
  const middle = Math.floor(body.length / 2);
  for (let at = middle; at < middle + 8; at++) body[at] = 255 - (body[at] ?? 0);
}

interface Recorded {
  readonly tables: readonly { readonly table: string; readonly checksum: string }[];
}

interface DrillReport {
  readonly checks: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly detail: string;
  }[];
}
