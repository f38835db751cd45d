import { spawnSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { availableBackups } from "../../../../../components/homes/local/backups/available-backups";
import {
  type Repository,
  runPgBackRest,
  withRepository,
} from "../../../../../components/homes/local/backups/pgbackrest";
import { restoreBackup } from "../../../../../components/homes/local/backups/restore-backup";
import {
  archiveNow,
  makeBaseBackup,
  servedRepository,
} from "../../../../../components/homes/local/backups/server-backups";
import { verifyBackups } from "../../../../../components/homes/local/backups/verify-backups";
import type { BackupOptions } from "../../../../../components/homes/local/plan/pgbackrest-config";
import type { RecoveryTarget } from "../../../../../components/homes/local/plan/recovery-target";
import { serviceUser } from "../../../../../components/homes/local/processes/service-user";
import {
  ADMIN,
  BackedUpServer,
  describeWithPgBackRest,
  filesIn,
  flipBit,
} from "../../../../support/backed-up-server";

jest.setTimeout(180_000);

/** A folder that the servers' user owns. */
function openFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  const user = serviceUser();
  if (user !== undefined) chownSync(path, user.uid, user.gid);
  return path;
}

function shorten(file: string): void {
  truncateSync(file, 20_000);
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing failed",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describeWithPgBackRest("damaged backups", () => {
  let server: BackedUpServer;
  let scratch: string;
  /** The repository, which every case copies. */
  let options: BackupOptions;
  /** A time between the second and the third of five segments of WAL. */
  let middle: string;

  beforeAll(async () => {
    server = await BackedUpServer.start();
    options = server.inputs["backups"] as BackupOptions;
    for (let segment = 1; segment <= 5; segment++) {
      await server.query(`create table t${segment} as select generate_series(1, 5000) as id`);
      await archiveNow(server.folder, ADMIN);
      if (segment === 2) middle = await server.now();
    }
    scratch = mkdtempSync(join(tmpdir(), "sark-damage-"));
    spawnSync("chmod", ["755", scratch]);
  });
  afterAll(async () => {
    await server.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** A damaged copy of the repository. */
  class Damaged {
    readonly store = join(scratch, "store");

    constructor() {
      rmSync(this.store, { recursive: true, force: true });
      cpSync(server.store, this.store, { recursive: true, verbatimSymlinks: true });
      const user = serviceUser();
      if (user !== undefined) spawnSync("chown", ["-h", "-R", String(user.uid), this.store]);
    }

    /** Archived segments in order. */
    get wal(): string[] {
      return filesIn(join(this.store, "archive"))
        .filter((file) => /[0-9A-F]{24}-[0-9a-f]{40}/.test(file))
        .sort();
    }

    /** Path of the fourth segment after the base backup; none of the times before it needs it. */
    get segment(): string {
      return this.wal.at(-2) ?? "";
    }

    files(name: RegExp): string[] {
      return filesIn(join(this.store, "backup")).filter((file) => name.test(file));
    }

    with<T>(work: (repository: Repository) => Promise<T>, change: object = {}): Promise<T> {
      const changed = { ...options, store: { folder: this.store }, ...change };
      return withRepository(changed, "sark", work);
    }

    restore(target: RecoveryTarget = {}, change: object = {}): Promise<string> {
      const into = join(scratch, "restored");
      return messageOf(
        this.with(async (repository) => {
          const restored = await restoreBackup(repository, target, ADMIN, into);
          await restored.remove();
        }, change),
      ).finally(() => {
        // A failed restore leaves nothing behind.
        expect(existsSync(into)).toBe(false);
      });
    }

    verify(): Promise<readonly string[]> {
      return this.with(verifyBackups);
    }
  }

  it("are told apart from good ones, which verify and restore", async () => {
    const good = new Damaged();
    expect(await good.verify()).toEqual([]);
    expect(await good.restore()).toBe("nothing failed");
  });

  it("with a flipped bit in a data file are reported by verify and refused by a restore", async () => {
    const damaged = new Damaged();
    for (const file of damaged.files(/bundle/)) flipBit(file);
    expect((await damaged.verify()).join()).toMatch(/status: invalid.*checksum invalid: \d/);
    expect(await damaged.restore()).toMatch(
      /restore failed: .*(corruption detected|invalid checksum|error restoring)/i,
    );
  });

  it("with a damaged backup.manifest restore from its copy, and without it are refused", async () => {
    const damaged = new Damaged();
    const [manifest, copy] = damaged.files(/backup\.manifest/);
    flipBit(manifest ?? "");
    expect((await damaged.verify()).join()).toBe("");
    flipBit(copy ?? "");
    expect((await damaged.verify()).join()).toMatch(/status: invalid, total files checked: 0/);
    expect(await damaged.restore()).toMatch(
      /unable to load backup manifest file .*backup\.manifest/,
    );
  });

  it("with a damaged backup.info and copy are refused, without quoting what is in them", async () => {
    const damaged = new Damaged();
    for (const file of damaged.files(/backup\.info/)) flipBit(file);
    const message = await damaged.restore();
    expect(message).toMatch(/the backups cannot be read: .*backup\.info/);
    expect(message).not.toMatch(/option-|\uFFFD/);
    expect(await messageOf(damaged.verify())).toMatch(/the backups cannot be read/);
  });

  const TOTALS = /total WAL checked: \d+, total valid WAL: \d+/;

  it.each<readonly [string, (file: string) => void, RegExp]>([
    ["flipped bit", flipBit, /checksum invalid: 1/],
    ["short segment", shorten, TOTALS],
  ])("with a %s in the WAL never end a recovery early in silence", async (_, damage, reason) => {
    const damaged = new Damaged();
    damage(damaged.segment);
    const message = await damaged.restore();
    expect(message).toMatch(/end of the archive stopped at LSN .* the archive goes on to/);
    expect(message).toMatch(reason);
  });

  it("with an empty or a missing segment are reported by verify", async () => {
    const damaged = new Damaged();
    truncateSync(damaged.segment, 0);
    expect((await damaged.verify()).join()).toMatch(TOTALS);
    rmSync(damaged.segment);
    expect((await damaged.verify()).join()).toMatch(/WAL is missing between \w{24} and \w{24}/);
  });

  it("restore to a time before the damage, and name the damage for a time after it", async () => {
    const damaged = new Damaged();
    rmSync(damaged.segment);
    expect(await damaged.restore({ time: middle })).toBe("nothing failed");
    const { newestWal } = await damaged.with(availableBackups);
    const message = await damaged.restore({ time: newestWal?.time ?? "" });
    expect(message).toMatch(
      /the archive ends before .*or a part of it is missing or damaged; WAL is missing/,
    );
  });

  it("restore to an LSN, with and without what is at it", async () => {
    const [row] = await server.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
    await server.query("create table after_the_mark ()");
    await archiveNow(server.folder, ADMIN);
    const good = new Damaged();
    expect(await good.restore({ lsn: row?.lsn, exclusive: true })).toBe("nothing failed");
    expect(await good.restore({ lsn: "yesterday" })).toMatch(/is not an LSN/);
  });

  it("of another server are refused before anything changes, with the true reason", async () => {
    const damaged = new Damaged();
    const other = { backups: { ...options, store: { folder: damaged.store } } };
    const refused = await server.failures(other);
    // The copy belongs to this server.
    expect(refused).toEqual([]);
    await server.delete();
    expect((await server.failures(other)).join()).toMatch(/of an earlier server as sark/);
    await server.up({ backups: { ...options, store: { folder: join(scratch, "own") } } });
    expect((await server.failures(other)).join()).toMatch(
      /holds backups of another server as sark: its system identifier is not this server's/,
    );
    await expect(server.up({ ...other, port: server.inputs["port"] })).rejects.toThrow(
      /of another server/,
    );
  });

  it("with another passphrase are refused, with the true reason and nothing of the content", async () => {
    const damaged = new Damaged();
    const message = await damaged.restore({}, { passphrase: "another" });
    expect(message).toMatch(
      /encrypted with another passphrase\. It holds backups of another stack/,
    );
    expect(message).not.toMatch(/\uFFFD/);
    const changed = { ...options, passphrase: "another", store: { folder: damaged.store } };
    expect((await server.failures({ backups: changed })).join()).toMatch(/another passphrase/);
  });

  it("of a forked timeline are never mixed: a segment with other content is refused", async () => {
    const repository = servedRepository("sark");
    // Otherwise a checkpoint may recycle the segment in the meantime.
    await server.query("alter system set wal_keep_size = '256MB'");
    await server.query("select pg_reload_conf()");
    await archiveNow(server.folder, ADMIN);
    const [{ name } = { name: "" }] = await server.query<{ name: string }>(
      "select last_archived_wal as name from pg_stat_archiver",
    );
    const pushed = join(server.folder, "data", "pg_wal", name);
    const push = () => runPgBackRest(repository, "archive-push", { args: [pushed] });
    // The same content again is accepted: the server may repeat a push after a crash.
    expect(await messageOf(push())).toBe("nothing failed");
    flipBit(pushed);
    expect(await messageOf(push())).toMatch(
      /already exists in the repo1 archive with a different checksum/,
    );
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    "(as root, on a small tmpfs) do not come from a full disk: backup and restore fail, and say why",
    async () => {
      const full = openFolder(join(scratch, "full"));
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m,mode=777", "tmpfs", full]);
      if (mounted.status !== 0) throw new Error(`no tmpfs: ${mounted.stderr.toString()}`);
      try {
        const good = new Damaged();
        const into = join(full, "restored");
        const restored = good.with((repository) => restoreBackup(repository, {}, ADMIN, into));
        expect(await messageOf(restored)).toMatch(/the disk of .* is full/);
        expect(existsSync(into)).toBe(false);
        writeFileSync(join(full, "filler"), Buffer.alloc(5 * 1024 * 1024 + 900_000));
        const backups = { ...options, store: { folder: join(full, "store") } };
        openFolder(join(full, "store"));
        expect(await messageOf(server.up({ backups }))).toMatch(/the disk of .* is full/);
      } finally {
        spawnSync("umount", ["-l", full]);
      }
      // A failed change leaves the server with its former store.
      expect(await messageOf(makeBaseBackup(server.folder, servedRepository("sark"), ADMIN))).toBe(
        "nothing failed",
      );
    },
  );
});
