import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logExcerpt } from "../../../../components/homes/local/processes/log-excerpt";

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

test("the end of a log shows the lines that report the problem, without routine lines", () => {
  const cause = 'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device';
  const hint = "HINT:  Free space";
  const log = [...ROUTINE, cause, hint, ...ROUTINE].join("\n");
  expect(logExcerpt(folder, log)).toBe(`; its log says:\n  ${cause}\n  ${hint}`);
});

test.each([
  "FATAL:  the database system is starting up",
  "FATAL:  terminating connection due to administrator command",
  'FATAL:  password authentication failed for user "app"',
])("the end of a log does not take a message to a client for the problem: %s", (line) => {
  const end = logExcerpt(folder, [...ROUTINE, line].join("\n"));
  expect(end).toMatch(/^; its log ends with:\n/);
  expect(end.split("\n")).toHaveLength(13);
});

test("the end of a log shows the output of the start before an older log", () => {
  const fatal = "FATAL:  could not map anonymous shared memory: Cannot allocate memory";
  const older = [...Array.from({ length: 200 }, () => "LOG:  checkpoint"), "FATAL:  older"].join(
    "\n",
  );
  expect(logExcerpt(folder, `${fatal}\n`, older)).toBe(`; its log says:\n  ${fatal}`);
  expect(logExcerpt(folder, "LOG:  redirecting log output", older)).toBe(
    "; its log says:\n  FATAL:  older",
  );
});

test("the end of a log shows the last 12 lines without a problem, and reports an empty log", () => {
  expect(logExcerpt(folder, ROUTINE.join("\n")).split("\n").slice(1)).toEqual(
    ROUTINE.slice(-12).map((line) => `  ${line}`),
  );
  expect(logExcerpt(folder, "\n")).toBe("; its log is empty");
});

test("the end of a log is shown if the folder is missing", () => {
  expect(logExcerpt(join(folder, "gone"), "PANIC:  x")).toBe("; its log says:\n  PANIC:  x");
});

(process.getuid?.() === 0 ? test : test.skip)(
  "the end of a log reports a full disk, also if the log is empty",
  () => {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    if (mounted.status !== 0) throw new Error(`no tmpfs: ${mounted.stderr.toString()}`);
    try {
      expect(logExcerpt(folder, "")).toBe(
        `; the disk of ${folder} is full (1 MiB free): free space there; its log is empty`,
      );
    } finally {
      execFileSync("umount", [folder]);
    }
  },
);
