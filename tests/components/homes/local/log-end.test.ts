import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logEnd } from "../../../../components/homes/local/processes/log-end";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-end-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const ROUTINE = Array.from(
  { length: 20 },
  (_, index) => `LOG:  connection received: port=${index}`,
);

test("lines that say why a server ended are shown without the routine around them", () => {
  const cause = 'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device';
  const hint = "HINT:  Free space";
  const log = [...ROUTINE, cause, hint, ...ROUTINE].join("\n");
  expect(logEnd(folder, log)).toBe(`; its log says:\n  ${cause}\n  ${hint}`);
});

test.each([
  "FATAL:  the database system is starting up",
  "FATAL:  terminating connection due to administrator command",
  'FATAL:  password authentication failed for user "app"',
])("a line for a client is no cause: %s", (line) => {
  const end = logEnd(folder, [...ROUTINE, line].join("\n"));
  expect(end).toMatch(/^; its log ends with:\n/);
  expect(end.split("\n")).toHaveLength(13);
});

test("the start's own words come before those of an older log, however long that is", () => {
  const fatal = "FATAL:  could not map anonymous shared memory: Cannot allocate memory";
  const older = [...Array.from({ length: 200 }, () => "LOG:  checkpoint"), "FATAL:  older"].join(
    "\n",
  );
  expect(logEnd(folder, `${fatal}\n`, older)).toBe(`; its log says:\n  ${fatal}`);
  expect(logEnd(folder, "LOG:  redirecting log output", older)).toBe(
    "; its log says:\n  FATAL:  older",
  );
});

test("without any cause the last dozen lines are shown, and an empty log is called empty", () => {
  expect(logEnd(folder, ROUTINE.join("\n")).split("\n").slice(1)).toEqual(
    ROUTINE.slice(-12).map((line) => `  ${line}`),
  );
  expect(logEnd(folder, "\n")).toBe("; its log is empty");
});

test("a folder that is gone does not hide the log", () => {
  expect(logEnd(join(folder, "gone"), "PANIC:  x")).toBe("; its log says:\n  PANIC:  x");
});

(process.getuid?.() === 0 ? test : test.skip)(
  "a full disk is named, also when the log is empty for that",
  () => {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    if (mounted.status !== 0) throw new Error(`no tmpfs: ${mounted.stderr.toString()}`);
    try {
      expect(logEnd(folder, "")).toBe(
        `; the disk of ${folder} is full (1 MiB free): free space there; its log is empty`,
      );
    } finally {
      execFileSync("umount", [folder]);
    }
  },
);
