import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StackCopy } from "../../scratch/scratch-stack";
import { describeWithPgBackRest } from "../support/backed-up-server";

jest.setTimeout(300_000);

describeWithPgBackRest("the stack local with backups.folder", () => {
  let stack: StackCopy;
  let parent: string;
  let store: string;
  let before: string;

  const configure = (recovery?: object) => {
    stack.configure((config) => {
      config["sark-databases:backups"] = { folder: store };
      config["sark-databases:sark"] = { home: "local", ...(recovery ? { recovery } : {}) };
    });
  };
  const up = () => stack.mustRun("up", "--yes", "--engine", "embedded");
  /** Users that an application reads, on the primary and on the replica. */
  const users = () =>
    Promise.all(
      [{ pool: true }, { port: stack.ports.sarkReplica }].map((where) =>
        stack.withLogin(
          "sark_app",
          async (client) => {
            const { rows } = await client.query<{ users: number }>(
              "select count(*)::int as users from users",
            );
            return rows[0]?.users;
          },
          where,
        ),
      ),
    );

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), "sark-stack-backups-"));
    chmodSync(parent, 0o755);
    store = join(parent, "store");
    stack = await StackCopy.make();
    configure();
    await up();
  });
  afterAll(async () => {
    await stack.remove();
    rmSync(parent, { recursive: true, force: true });
  });

  it("refuses a folder that destroy would remove, before anything changes", async () => {
    const inside = join(stack.folder, ".sark", "local", "backups");
    stack.configure((config) => {
      config["sark-databases:backups"] = { folder: inside };
    });
    const { code, stderr } = await stack.run("preview", "--engine", "embedded");
    expect([code, stderr]).toEqual([1, expect.stringContaining("a folder outside of .sark/local")]);
    configure();
    expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("makes a base backup by hand, and says to which times a recovery is possible", async () => {
    const { stdout } = await stack.mustRun("backup");
    expect(stdout).toMatch(/^sark: base backup \d{8}-\d{6}F, [\d.]+ MiB, encrypted$/m);
    expect(stdout).toMatch(/^sark: available: \S+Z to \S+Z$/m);
    expect(stdout).toMatch(/^sark_audit: dump \S+\.json, [\d.]+ MiB, encrypted$/m);
    expect(await stack.run("preview", "--engine", "embedded")).toMatchObject({
      stdout: expect.stringMatching(
        /^Backups of sark: any second of the last 14 days but the last 5 minutes, .* keeps [\d.]+ GiB of WAL/m,
      ) as unknown,
    });
  });

  it("restores both databases into scratch servers in a drill, and records its result", async () => {
    const report = join(parent, "drill.md");
    const { stdout } = await stack.mustRun("restore-drill", "--report", report);
    for (const database of ["sark", "sark_audit"]) {
      expect(stdout).toContain(`Restore of ${database}, stack local: succeeded`);
      expect(readFileSync(report, "utf8")).toContain(
        `## Restore of ${database}, stack local: succeeded`,
      );
    }
    expect(
      stdout.match(/^ {2}passed +rows +\d+ tables with \d+ rows, each row as in the record/gm),
    ).toHaveLength(2);
    const runs = await stack.mustRun("query", "backup-runs", "--json");
    for (const kind of ["base backup", "dump", "restore drill"])
      expect(runs.stdout).toContain(kind);
    expect(readdirSync(join(stack.folder, ".sark", "local")).join()).not.toContain("drill");
  });

  it("reports a drill that finds damage, and fails", async () => {
    const dumps = join(store, "dumps", "sark_audit");
    const dump = join(dumps, readdirSync(dumps).find((name) => name.endsWith(".dump")) ?? "");
    const bytes = readFileSync(dump);
    const at = Math.floor(bytes.length / 2);
    writeFileSync(dump, bytes.with(at, (bytes[at] ?? 0) ^ 1));
    const { code, stdout } = await stack.run("restore-drill", "--database", "sark_audit");
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/Restore of sark_audit, stack local: FAILED[^]*\n {2}failed +\S+/),
    ]);
    writeFileSync(dump, bytes);
  });

  it.each([
    ["2000-01-01T00:00:00Z", /is before the oldest backup/],
    ["2999-01-01T00:00:00Z", /is in the future/],
    ["2026-11-30T10:00:00", /has no time zone/],
  ])("refuses to restore to %s, and changes nothing", async (time, reason) => {
    const file = join(stack.folder, "Pulumi.local.yaml");
    const settings = readFileSync(file, "utf8");
    const { code, stderr } = await stack.run("restore", "--to", time, "--yes");
    expect([code, stderr]).toEqual([1, expect.stringMatching(reason)]);
    expect(readFileSync(file, "utf8")).toBe(settings);
  });

  it("brings back what was written through the pool until the second before a disaster", async () => {
    await stack.withLogin(
      "sark_app",
      async (client) => {
        for (const name of ["ada", "grace"]) {
          await client.query(
            "insert into users (username, email) values ($1, $1 || '@example.org')",
            [name],
          );
        }
        // A recovery takes a backup that ended in an earlier second.
        await sleep(1100);
        const { rows } = await client.query<{ now: string }>(
          `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
        );
        before = rows[0]?.now ?? "";
        await client.query(
          "insert into users (username, email) values ('late', 'late@example.org')",
        );
      },
      { pool: true },
    );
    await stack.withLogin("sark_admin", (client) => client.query("drop table users cascade"));
    const { stdout } = await stack.mustRun("restore", "--to", before, "--yes");
    expect(stdout).toMatch(/recovery: \(not set\) -> .*\(restart\)/);
    expect(stdout).toContain("Back to the old server: remove sark.recovery");
    expect(await users()).toEqual([2, 2]);
    expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("serves the old data again without the recovery, and its replica, too", async () => {
    configure();
    await up();
    await expect(users()).rejects.toThrow(/relation "users" does not exist/);
    // Exits 1: the damaged dump's drill failed, which is critical.
    const { stdout } = await stack.run("status", "--json");
    expect((JSON.parse(stdout) as { problems: unknown[] }).problems).toEqual([]);
  });

  it("keeps the backups in destroy, and says so", async () => {
    const { stdout } = await stack.mustRun("destroy", "--yes");
    expect(stdout).toMatch(
      /Kept, but no longer managed by the stack:\n {2}the backups of sark in \//,
    );
    expect(existsSync(join(store, "backup", "sark", "backup.info"))).toBe(true);
  });
});
