import {
  awsPlannedProblems,
  awsProblems,
} from "../../../../../components/homes/aws/plan/aws-problems";
import { type AwsStack, awsStack } from "../../../../../components/homes/aws/plan/rds-stack";
import { kubernetesProblems } from "../../../../../components/homes/kubernetes/plan/kubernetes-problems";
import { homeRequest } from "../../../../../components/homes/plan/registry";
import { clusterStackOf } from "../../../../support/built-cluster";
import { formatProblems } from "../../../../../components/text/problem";
import { planProblems, planServers } from "../../../../../components/homes/plan/stack-plan";
import { type OnRds, type Settings, shapedSettings } from "../../../../support/parse-settings";

export const GiB = 2 ** 30;

/** Changes of settings: groups are merged at every depth, and undefined removes a setting. */
export type Changes = Readonly<Record<string, unknown>>;

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

const VALID: Changes = {
  sark: { home: "aws", size: { memory: "32GiB", vcpus: 8, storage: { size: "500GiB" } } },
  audit: {
    home: "kubernetes",
    image: `registry.example.com/sark/timescaledb:18.6-ts2.29.2@${DIGEST}`,
  },
  pool: {
    image: `registry.example.com/pgbouncer:1.26.1@${DIGEST}`,
    exporterImage: `registry.example.com/pgbouncer-exporter:v0.12.1@${DIGEST}`,
  },
  backups: {
    retentionDays: 30,
    bucket: { path: "s3://sark-backups", region: "eu-central-1", managed: true },
  },
  aws: {
    account: "111122223333",
    region: "eu-central-1",
    vpc: "vpc-0123456789abcdef0",
    subnetTags: { tier: "database" },
    sources: { eks: "sg-0123456789abcdef0" },
    cluster: { name: "sark-prod" },
    exporter: { image: `registry.example.com/sql-exporter:0.24.6@${DIGEST}` },
    notify: ["databases@example.com"],
    secondRegion: { region: "eu-west-1" },
  },
  route: "port-forward",
  protection: true,
  rotation: 1,
};

/** Valid settings of a protected stack on AWS, as in its file, with changes. */
export function rawStack(changes: Changes = {}): Changes {
  return merged(VALID, changes);
}

export function stackOf(changes: Changes = {}): Settings & OnRds {
  return shapedSettings(rawStack(changes)) as Settings & OnRds;
}

/** The AWS home's part of a stack's settings. */
export const awsStackOf = (settings: Settings): AwsStack =>
  awsStack(settings, homeRequest(settings, "aws"));

const NOW = new Date("2026-06-01T12:00:00Z");
export const SHARE = { memory: 8 * GiB, vcpus: 4 };

/** All problems of such a stack and of its planned servers, as text. */
export function problemsOf(changes: Changes): readonly string[] {
  const settings = stackOf(changes);
  const topics = awsStackOf(settings);
  const found = [...kubernetesProblems(clusterStackOf(settings), NOW), ...awsProblems(topics, NOW)];
  const unplanned = planProblems(settings, SHARE);
  const planned =
    found.length + unplanned.length > 0
      ? []
      : awsPlannedProblems(topics, planServers(settings, SHARE).sark);
  return [...[...found, ...planned].map((each) => formatProblems([each])), ...unplanned];
}

function merged(before: Changes, changes: Changes): Changes {
  // A change of home discards the keys of the old home.
  const group = (changes["home"] ?? before["home"]) === before["home"] ? before : {};
  const entries = Object.entries(changes).map(([key, change]): [string, unknown] => {
    const before = group[key];
    return [key, isGroup(before) && isGroup(change) ? merged(before, change) : change];
  });
  return Object.fromEntries(
    Object.entries({ ...group, ...Object.fromEntries(entries) }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function isGroup(value: unknown): value is Changes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
