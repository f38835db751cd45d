import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { SettingsError } from "../../../../../components/settings/settings";
import { parseSettings } from "../../../../support/parse-settings";
import { awsPlannedProblems } from "../../../../../components/homes/aws/plan/aws-problems";
import { planProblems, planServers } from "../../../../../components/homes/plan/stack-plan";
import { type Changes, SHARE, rawStack, awsStackOf } from "./aws-stack";

/** Problems in the error that refuses a stack. */
function refusals(changes: Changes): readonly string[] {
  try {
    parseSettings(rawStack(changes));
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

const rds = (settings: Changes): Changes => ({ sark: { rds: settings } });
const aws = (settings: Changes): Changes => ({ aws: settings });

/** Invalid settings on AWS, each refused before anything is registered. */
const INVALID: readonly (readonly [
  string,
  Changes,
  key: string,
  value: string,
  allowed: string,
  why: string,
])[] = [
  [
    "retention of 0 days",
    { backups: { retentionDays: 0 } },
    "backups.retentionDays",
    "0",
    "from 7 to 35",
    "RDS keeps at most 35",
  ],
  [
    "retention of 36 days",
    { backups: { retentionDays: 36 } },
    "backups.retentionDays",
    "36",
    "from 7 to 35",
    "RDS keeps at most 35",
  ],
  [
    "a backup window at 25 hours",
    rds({ backupWindow: "25:00-26:00" }),
    "sark.rds.backupWindow",
    '"25:00-26:00"',
    "times in UTC such as 01:00-02:00",
    "the busiest hour",
  ],
  [
    "a maintenance window at 25 hours",
    rds({ maintenanceWindow: "sun:25:00-sun:26:00" }),
    "sark.rds.maintenanceWindow",
    '"sun:25:00-sun:26:00"',
    "sun:03:00-sun:04:00",
    "the busiest hour",
  ],
  [
    "windows that overlap",
    rds({ backupWindow: "03:30-04:30" }),
    "sark.rds.maintenanceWindow",
    "sun:03:00-sun:04:00",
    "apart from backupWindow",
    "AWS refuses",
  ],
  [
    "one subnet",
    aws({ subnetTags: undefined, subnets: ["subnet-0123456789abcdef0"] }),
    "aws.subnets",
    '["subnet-0123456789abcdef0"]',
    "two or more ids",
    "another zone",
  ],
  [
    "0.0.0.0/0 as a source",
    aws({ sources: { eks: "0.0.0.0/0" } }),
    "aws.sources.eks",
    '"0.0.0.0/0"',
    "no address, least of all 0.0.0.0/0",
    "scanners find an open port within minutes",
  ],
  [
    "no source",
    aws({ sources: { eks: undefined } }),
    "aws.sources",
    "{}",
    "names with ids of security groups",
    "an open port",
  ],
  [
    "TimescaleDB on RDS",
    { audit: { home: "aws" } },
    "audit.home",
    '"aws"',
    "one of local, kubernetes",
    "Amazon RDS does not offer the timescaledb extension",
  ],
  [
    "a class too small for the connections",
    {
      sark: {
        size: { memory: undefined, vcpus: undefined },
        rds: { instanceClass: "db.t4g.micro" },
      },
    },
    "sark.rds.instanceClass",
    "db.t4g.micro, 1024 MB for 200 connections",
    "db.m8g.large or larger",
    "the class is too small for the connections",
  ],
  [
    "another major version for the replicas",
    rds({ replica: { majorVersion: 16 } }),
    "sark.rds.replica.majorVersion",
    "16",
    "18, like sark.majorVersion",
    "only the same major version",
  ],
  [
    "a lock shorter than the backups",
    { backups: { bucket: { lock: { days: 7 } } } },
    "backups.bucket.lock.days",
    "7",
    "at least 32",
    "could be deleted",
  ],
  ["a port below 1150", aws({ port: 80 }), "aws.port", "80", "from 1150 to 65535", "5432 first"],
  [
    "a class without the prefix db.",
    rds({ instanceClass: "m8g.large" }),
    "sark.rds.instanceClass",
    '"m8g.large"',
    "a class such as db.m7g.large",
    "it decides memory",
  ],
];

it.each(
  INVALID.map(([what, changes, key, value, allowed, why]) => ({
    what,
    changes,
    key,
    value,
    allowed,
    why,
  })),
)(
  "AWS settings refuse $what with key, value, allowed values and reason",
  ({ changes, key, value, allowed, why }) => {
    // Problems of the servers' plan are also found before anything is registered.
    const early = refusals(changes);
    const found = early.length > 0 ? early : planProblems(parseSettings(rawStack(changes)), SHARE);
    const paragraphs = found.filter((each) => each.startsWith("sark-databases:"));
    const problem = paragraphs.find((each) => each.startsWith(`sark-databases:${key}: got `));
    expect(problem).toContain(`: got ${value}; allowed: `);
    const [, allowedText = "", reason = ""] = /; allowed: (.*?); (.*)$/.exec(problem ?? "") ?? [];
    expect(allowedText).toContain(allowed);
    expect(reason).toContain(why);
  },
);

it("AWS settings report all problems at once", () => {
  const found = refusals({
    ...rds({ backupWindow: "01:00-01:10", promoted: 4, snapshot: "s" }),
    backups: { bucket: { access: "keys", lock: { days: 7 } } },
  });
  expect(found.map((each) => each.split(": got")[0])).toEqual([
    "sark-databases:backups.bucket.access",
    "sark-databases:backups.bucket.lock.days",
    "sark-databases:sark.rds.backupWindow",
    "sark-databases:sark.rds.promoted",
    "sark-databases:sark.rds.snapshot",
  ]);
});

describe("the stack prod", () => {
  const file = parse(readFileSync(join(__dirname, "../../../../../Pulumi.prod.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const project = parse(readFileSync(join(__dirname, "../../../../../Pulumi.yaml"), "utf8")) as {
    config: Record<string, { readonly default?: unknown } | undefined>;
  };
  const values = (entries: readonly (readonly [string, unknown])[]) =>
    Object.fromEntries(
      entries
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key.replace(/^sark-databases:/, ""), value]),
    );
  const raw = {
    ...values(Object.entries(project.config).map(([key, each]) => [key, each?.default])),
    ...values(Object.entries(file.config)),
  };

  it("has no problems, including its planned servers", () => {
    const settings = parseSettings(raw);
    expect(settings.sark.home).toBe("aws");
    expect(planProblems(settings, SHARE)).toEqual([]);
    expect(awsPlannedProblems(awsStackOf(settings), planServers(settings, SHARE).sark)).toEqual([]);
  });
});
