import { promiseLine } from "../../../../components/backups/plan/backup-promise";
import {
  backupPromise,
  recoveryPointProblems,
} from "../../../../components/homes/plan/backup-promises";
import { planServers } from "../../../../components/homes/plan/stack-plan";
import { DATABASES } from "../../../../components/roles/plan/role-plan";
import { parseSettings } from "../../../support/parse-settings";

const DIGEST = `sha256:${"1".repeat(64)}`;

const STACK = {
  sark: { home: "kubernetes" },
  audit: { home: "kubernetes", image: `registry.example.com/sark/timescaledb:18@${DIGEST}` },
  backups: { bucket: { path: "s3://sark-backups/dev/", region: "eu-central-1" } },
  route: "port-forward",
  protection: false,
  rotation: 1,
};

function promises(changes: object = {}) {
  const settings = parseSettings({ ...STACK, ...changes });
  const servers = planServers(settings, { memory: 3 * 2 ** 30, vcpus: 2 });
  return {
    lines: DATABASES.map((each) =>
      promiseLine(each, backupPromise(settings, each, servers[each]) ?? undefined),
    ),
    problems: recoveryPointProblems(settings, servers),
  };
}

it("a database on Kubernetes promises what the operator's WAL archive keeps", () => {
  expect(promises().lines).toEqual([
    "Backups of sark: any second of the last 14 days but the last 5 minutes, back within 60 minutes; " +
      "in s3://sark-backups/dev/sark (eu-central-1), encrypted as the bucket is set; " +
      "written, read and deleted by the role of its service account; " +
      "while archiving fails the server keeps all WAL until its volume is full, and then stops.",
    expect.stringContaining("in s3://sark-backups/dev/sark-audit (eu-central-1)"),
  ]);
});

it("a longer archive_timeout loses more", () => {
  const sark = { home: "kubernetes", parameters: { archive_timeout: "10min" } };
  expect(promises({ sark }).lines[0]).toContain("but the last 10 minutes,");
});

it.each([
  [{ backups: { ...STACK.backups, recoveryPoint: 5 } }, []],
  [
    { backups: { ...STACK.backups, recoveryPoint: 4 } },
    ["4: at least 5: archive_timeout is 300 s", "4: at least 5: archive_timeout is 300 s"],
  ],
  [
    {
      backups: { ...STACK.backups, recoveryPoint: 5 },
      sark: { home: "kubernetes", parameters: { archive_timeout: 0 } },
    },
    ["5: unset with the backups of sark: archive_timeout is 0, so a quiet server archives nothing"],
  ],
  [
    { backups: { recoveryPoint: 60 } },
    [
      "60: unset with the backups of sark: sark has no backups",
      "60: unset with the backups of sark_audit: sark_audit has no backups",
    ],
  ],
])("a recovery point that the backups cannot keep is refused: %j", (changes, expected) => {
  const found = promises(changes).problems;
  expect(found.map(({ value, allowed, why }) => `${String(value)}: ${allowed}: ${why}`)).toEqual(
    expected,
  );
});
