import {
  readInfo,
  readSegments,
  walGaps,
} from "../../../../../components/homes/local/plan/archived-wal";
import { explainErrors } from "../../../../../components/homes/local/plan/backup-errors";
import { walBound } from "../../../../../components/homes/local/plan/local-backups";
import { renderBackupConfig } from "../../../../../components/homes/local/plan/pgbackrest-config";
import { lostWal } from "../../../../../components/homes/local/plan/recovery-end";
import {
  targetOptions,
  targetProblem,
} from "../../../../../components/homes/local/plan/recovery-target";
import { planServers } from "../../../../../components/homes/plan/stack-plan";
import { parseSettings } from "../../../../support/parse-settings";

const LOCAL = {
  sark: { home: "local" },
  audit: { home: "local" },
  route: "direct",
  protection: false,
  rotation: 1,
};
const FOLDER = { folder: "/var/backups/sark" };
const BUCKET = { path: "s3://sark-backups/laptop", access: "keys" };

const problems = (change: object): string => {
  try {
    parseSettings({ ...LOCAL, ...change });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("settings of backups in the local home", () => {
  it.each([
    ["a folder", { backups: FOLDER }],
    ["a bucket with keys", { backups: { bucket: BUCKET } }],
    ["a recovery", { backups: FOLDER, sark: { home: "local", recovery: { generation: 2 } } }],
  ])("accept %s", (_what, change) => {
    expect(problems(change)).toBe("");
  });

  it.each([
    ["a relative folder", { backups: { folder: "backups" } }, "an absolute path"],
    [
      "a folder and a bucket",
      { backups: { ...FOLDER, bucket: BUCKET } },
      "unset if backups.bucket is set",
    ],
    ["a role", { backups: { bucket: { path: BUCKET.path } } }, "keys, and managed false"],
    [
      "another archive",
      { backups: FOLDER, sark: { home: "local", parameters: { archive_command: "true" } } },
      "sark.parameters.archive_command",
    ],
    [
      "a recovery without backups",
      { sark: { home: "local", recovery: { generation: 2 } } },
      "a recovery needs a backup",
    ],
    [
      "a recovery from itself",
      { backups: FOLDER, sark: { home: "local", recovery: { generation: 2, from: 2 } } },
      "less than generation (2)",
    ],
    [
      "a time in the future",
      {
        backups: FOLDER,
        sark: { home: "local", recovery: { generation: 2, time: "2999-01-01T00:00:00Z" } },
      },
      "a time in the past",
    ],
    [
      "a time without a zone",
      {
        backups: FOLDER,
        sark: { home: "local", recovery: { generation: 2, time: "2026-01-01T00:00:00" } },
      },
      "a time with a time zone",
    ],
  ])("refuse %s", (_what, change, reason) => {
    expect(problems(change)).toContain(reason);
  });

  it("bound the WAL that failing archiving keeps by what an absent replica may keep", () => {
    const settings = parseSettings({
      ...LOCAL,
      sark: { home: "local", parameters: { max_slot_wal_keep_size: "3GB" } },
    });
    const { sark } = planServers(settings, { memory: 2 ** 31, vcpus: 2 });
    expect(walBound(sark)).toBe(3 * 2 ** 30);
  });
});

it("pgBackRest's configuration opens a bucket below its folder, by path and port", () => {
  const store = {
    bucket: "s3://sark-backups/laptop",
    region: "eu-central-1",
    endpoint: "https://storage.example.com:9000",
    accessKeyId: "id",
    secretAccessKey: "key",
  };
  const text = renderBackupConfig(
    { store, passphrase: "p", retentionDays: 14, walBound: 1 },
    { stanza: "sark", data: "/d", port: 1, socketFolder: "/s", user: "postgres", ownFolder: "/o" },
  );
  for (const line of [
    "repo1-path=/laptop/pgbackrest",
    "repo1-s3-bucket=sark-backups",
    "repo1-s3-endpoint=storage.example.com",
    "repo1-storage-port=9000",
    "repo1-s3-uri-style=path",
    "repo1-cipher-type=aes-256-cbc",
    "repo1-retention-full=14",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

const names = (...all: readonly string[]) =>
  all.map((name) => ({ name, time: "2026-01-01T00:00:00Z" }));

it("a gap is found inside of a timeline, across a change of the middle part, and before the base backup", () => {
  const [last, next] = ["0000000100000001000000FF", "000000010000000200000000"];
  expect(walGaps(names(last, next), last)).toEqual([]);
  expect(walGaps(names(last, "000000010000000200000001"), last)).toHaveLength(1);
  expect(walGaps(names("000000010000000000000005", "000000020000000000000005"), "")).toEqual([]);
  expect(walGaps(names(next), last)).toEqual([{ after: "the base backup", before: next }]);
});

it("archived segments are told apart from other files of the archive", () => {
  const name = "000000010000000000000004";
  const hash = "0".repeat(40);
  const files = {
    ".": { type: "path" },
    [`0000000100000000/${name}-${hash}.zst`]: { type: "file", size: 1, time: 0 },
    [`0000000100000000/${name}.00000028.backup`]: { type: "file", size: 1, time: 0 },
    [`0000000100000000/${name}.partial-${hash}.zst`]: { type: "file", size: 1, time: 0 },
  };
  expect(readSegments(JSON.stringify(files))).toEqual([{ name, time: "1970-01-01T00:00:00.000Z" }]);
});

it("a system identifier of 64 bits is not rounded", () => {
  const info = `[{"name":"sark","db":[{"id":1,"system-id":7713995398942659607}],"status":{"code":0,"message":"ok"}}]`;
  expect(readInfo(info).systemIdentifier).toBe("7713995398942659607");
});

it("errors are one sentence without hints and without content of damaged files", () => {
  const output = [
    "P00  ERROR: [029]: unable to load info file '/b/backup.info' or '/b/backup.info.copy':",
    "            FormatError: invalid JSON value at line 6 'secret-content': expected",
    "            HINT: has a stanza-create been performed?",
  ].join("\n");
  expect(explainErrors(output)).toBe(
    "unable to load info file '/b/backup.info' or '/b/backup.info.copy'",
  );
  expect(explainErrors("P00   INFO: done")).toBeUndefined();
});

it("a recovery to the end must reach the end of the newest segment", () => {
  const end = { lsn: "0/5000000", wal: "000000010000000000000005", atStart: true };
  expect(lostWal(end, {}, "000000010000000000000004")).toBeUndefined();
  expect(lostWal(end, {}, "000000010000000000000006")).toMatchObject({ certain: true });
  expect(lostWal(end, {}, "000000010000000000000005")).toMatchObject({ certain: true });
  expect(lostWal({ ...end, atStart: false }, {}, end.wal)).toMatchObject({ certain: false });
  expect(lostWal(end, { lsn: "0/4000000" }, "000000010000000000000006")).toBeUndefined();
});

it("a target is refused with what is available, and a valid one becomes pgBackRest's options", () => {
  const nothing = { backups: [], newestWal: undefined, gaps: [] };
  expect(targetProblem({}, nothing, new Date())).toBe(
    "there is no base backup; available: nothing",
  );
  expect(targetOptions({ time: "2026-03-01T10:00:00.5Z" })).toContain(
    "--target=2026-03-01 10:00:00.5+00",
  );
  expect(targetOptions({ lsn: "0/1", exclusive: true })).toContain("--target-exclusive");
});
