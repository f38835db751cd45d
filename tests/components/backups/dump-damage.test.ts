/** A damaged dump is refused with its true reason. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { dumpDatabase, type WrittenDump } from "../../../components/backups/dump/dump-database";
import { sign } from "../../../components/backups/dump/manifest-file";
import { verifyDump } from "../../../components/backups/dump/verify-dump";
import type { DumpManifest } from "../../../components/backups/plan/dump-manifest";
import { describeWithPgDump, DumpedTrail, SECRET } from "../../support/dumped-trail";

jest.setTimeout(180_000);

describeWithPgDump("a damaged dump", () => {
  let trail: DumpedTrail;
  let dump: WrittenDump;
  let copies: string;
  beforeAll(async () => {
    trail = await DumpedTrail.start();
    ({ dump } = trail);
    copies = mkdtempSync(join(tmpdir(), "sark-copies-"));
  });
  afterAll(async () => {
    rmSync(copies, { recursive: true });
    await trail.stop();
  });

  /** A copy of the dump, to damage. */
  function copy(): string {
    const place = mkdtempSync(join(copies, "copy-"));
    cpSync(trail.folder, place, { recursive: true });
    return join(place, basename(dump.file));
  }

  const dataOf = (file: string) => join(dirname(file), dump.manifest.parts[0]?.file ?? "");

  function flip(file: string, at: number): void {
    const bytes = readFileSync(file);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }

  function change(file: string, fields: Partial<DumpManifest>, resign = false): void {
    const manifest = { ...(JSON.parse(readFileSync(file, "utf8")) as DumpManifest), ...fields };
    writeFileSync(file, JSON.stringify(resign ? sign(manifest, SECRET) : manifest));
  }

  const verify = (file: string, secret = SECRET, more = {}) =>
    verifyDump(file, { secret, database: "sark_audit", ...more });

  test.each<readonly [string, (file: string) => void, RegExp]>([
    [
      "a flipped byte",
      (file) => {
        flip(dataOf(file), 50_000);
      },
      /not as it was written: its SHA-256 differs/,
    ],
    [
      "a cut file",
      (file) => {
        truncateSync(dataOf(file), 1000);
      },
      /the file is cut: 1000 of \d+ bytes/,
    ],
    [
      "a longer file",
      (file) => {
        writeFileSync(dataOf(file), "x", { flag: "a" });
      },
      /its SHA-256 differs/,
    ],
    [
      "a missing file",
      (file) => {
        rmSync(dataOf(file));
      },
      /the file is missing/,
    ],
    [
      "a manifest cut short",
      (file) => {
        truncateSync(file, 300);
      },
      /the manifest cannot be read: it is not JSON/,
    ],
    [
      "a manifest without fields",
      (file) => {
        writeFileSync(file, "{}");
      },
      /the manifest lacks fields/,
    ],
    [
      "a changed manifest",
      (file) => {
        change(file, { postgresql: "16.1" });
      },
      /the manifest was changed/,
    ],
    [
      "a manifest with a flipped byte",
      (file) => {
        flip(file, readFileSync(file).indexOf('"rows": ') + 8);
      },
      /the manifest (was changed|cannot be read)/,
    ],
    [
      "a manifest whose record is of another database",
      (file) => {
        change(file, { record: { ...dump.manifest.record, database: "sark" } }, true);
      },
      /contradicts itself: it is of the database sark_audit, and its record of sark/,
    ],
    [
      "a manifest whose sizes do not add up",
      (file) => {
        change(file, { bytes: 7 }, true);
      },
      /contradicts itself: it has 7 bytes, and its parts have \d+/,
    ],
    [
      "a manifest of another server",
      (file) => {
        change(file, { systemIdentifier: "7" }, true);
      },
      /contradicts itself: it is of the server 7, and its record of \d+/,
    ],
  ])("is refused with its reason: %s", async (_, damage, reason) => {
    const file = copy();
    damage(file);
    await expect(verify(file)).rejects.toThrow(reason);
  });

  test("is refused with another key, for another database and for another server", async () => {
    await expect(verify(dump.file, `${SECRET}!`)).rejects.toThrow("encrypted with another key");
    await expect(verifyDump(dump.file, { secret: SECRET, database: "sark" })).rejects.toThrow(
      "the dump is of the database sark_audit, not of sark",
    );
    await expect(verify(dump.file, SECRET, { systemIdentifier: "1" })).rejects.toThrow(
      /the dump is of the server \d+, not of 1/,
    );
  });

  test("leaves nothing behind when the disk is full or the server refuses", async () => {
    const refused = join(copies, "refused");
    await expect(
      dumpDatabase(
        { ...trail.connection, password: "wrong" },
        { folder: refused, secret: SECRET, singleSession: true },
      ),
    ).rejects.toThrow(/password authentication failed/);
    expect(existsSync(refused)).toBe(false);
    const full = mkdtempSync(join(copies, "full-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", full], { stdio: "ignore" });
    } catch {
      console.warn("a full disk is not tested: this user cannot mount one");
      return;
    }
    try {
      await expect(
        dumpDatabase(trail.connection, { folder: full, secret: SECRET, singleSession: true }),
      ).rejects.toThrow(/^no space left for the dump at /);
      expect(readdirSync(full)).toEqual([]);
    } finally {
      execFileSync("umount", [full]);
      rmSync(full, { recursive: true });
    }
  });
});
