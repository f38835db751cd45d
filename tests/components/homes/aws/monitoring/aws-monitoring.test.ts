import * as aws from "@pulumi/aws";
import {
  AwsMonitoring,
  type MonitoredServers,
} from "../../../../../components/homes/aws/monitoring/aws-monitoring";
import { volume } from "../../../../../components/homes/aws/database/plan/rds-storage";
import { serverAlarms } from "../../../../../components/homes/aws/monitoring/plan/alarm-plan";
import { vaultAlarms } from "../../../../../components/homes/aws/monitoring/plan/backup-alarms";
import { watchedServer } from "../../../../../components/homes/aws/monitoring/plan/server-alarms";
import {
  replicaIdentifiers,
  primaryIdentifier,
  secondRegionReplicaIdentifier,
} from "../../../../../components/homes/aws/database/plan/rds-identifiers";
import type { OnRds, StackSettings } from "../../../../support/parse-settings";
import type { Registration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { unwrap } from "../../../../../engine/wire";
import { plannedBy } from "../../../../support/kubernetes-plan";
import type { ProviderOutputs } from "../../../../support/registered";
import {
  AMAZON,
  TWO_REGIONS,
  amazonPlatform,
  amazonStack,
  named,
  namesOf,
  ofType,
  providerOf,
  statementsOf,
} from "./monitoring-stack";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "arn:aws:sns:eu-central-1:111122223333:sark-test-alarms";

/** Servers with the properties that monitoring uses. */
function servers(settings: StackSettings & OnRds, provider: aws.Provider): MonitoredServers {
  const names = namesOf(settings);
  const { aws: own, sark } = settings;
  const { promoted } = sark.rds;
  const primary = primaryIdentifier(sark, names);
  const made = (identifier: string, role: "primary" | "replica", writes: boolean) => ({
    identifier,
    role,
    acceptsWrites: writes,
    instance: new aws.rds.Instance(identifier, { instanceClass: "db.m7g.large" }, { provider }),
  });
  const abroad = own && secondRegionReplicaIdentifier(primary, own);
  return {
    primary: made(primary, "primary", true),
    replicas: replicaIdentifiers(primary, sark.replicas).map((identifier, index) =>
      made(identifier, "replica", promoted === index + 1),
    ),
    secondRegionReplica: abroad === undefined ? undefined : made(abroad, "replica", false),
  };
}

function monitored(
  settings: StackSettings & OnRds,
  vault: { readonly vault?: string } = { vault: "sark-test" },
): Promise<readonly Registration[]> {
  return plannedBy(() => {
    const platform = amazonPlatform(settings);
    const {
      aws: own,
      sark: database,
      monitoring,
      servers: { sark: plan },
    } = settings;
    if (!own) throw new Error("settings without AWS");
    const made = servers(settings, platform.main.provider);
    const volume = volumeOf(settings);
    const args = { platform, aws: own, database, plan, volume, monitoring, servers: made };
    return new AwsMonitoring("monitoring", { ...args, ...vault });
  }, answer);
}

const volumeOf = ({ sark, application }: StackSettings & OnRds) => volume(sark, application.tier);

/** Outputs of the mocked resources. */
const answer: ProviderOutputs = ({ type, name }) => {
  if (type === "aws:rds/instance:Instance") return { resourceId: `db-${name.toUpperCase()}` };
  return type.startsWith("aws:") ? { arn: `arn of ${name}` } : {};
};

const ONE = amazonStack();
const TWO = amazonStack({}, { aws: TWO_REGIONS });
const PRIMARY = { role: "primary", acceptsWrites: true } as const;
const REPLICA = { role: "replica", acceptsWrites: false } as const;
const watched = (
  settings: StackSettings & OnRds,
  made: typeof PRIMARY | typeof REPLICA,
  replicas: number,
) => watchedServer(settings.sark, settings.servers.sark, volumeOf(settings), made, replicas);

let planned: readonly Registration[];
let two: readonly Registration[];
beforeAll(async () => {
  planned = await monitored(ONE);
  two = await monitored(TWO);
}, 60_000);

const plain = (registration: Registration) =>
  unwrap(registration.inputs) as Record<string, unknown>;
const alarmsOf = (planned: readonly Registration[]) =>
  Object.values(ofType(planned, ALARM)).map((each) => ({ ...each, inputs: plain(each) }));

it("AWS monitoring creates every alarm of every server and of the vault, under its own name", () => {
  const wanted = [
    ...serverAlarms(watched(ONE, PRIMARY, 1)).map(({ name }) => `sark-test-${name}`),
    ...serverAlarms(watched(ONE, REPLICA, 0)).map(({ name }) => `sark-test-replica-1-${name}`),
    ...vaultAlarms(false).map(({ name }) => `sark-test-${name}`),
  ];
  expect(
    alarmsOf(planned)
      .map(({ inputs }) => inputs["name"])
      .sort(),
  ).toEqual(wanted.sort());
});

it("every AWS alarm notifies the topic when it fires and when it recovers", () => {
  const alarms = alarmsOf(planned);
  expect(alarms.length).toBeGreaterThan(40);
  for (const { inputs, dependencies } of alarms) {
    expect(inputs).toMatchObject({
      alarmActions: [TOPIC],
      okActions: [TOPIC],
      actionsEnabled: true,
    });
    expect(inputs["alarmDescription"]).toMatch(/\. .+\. Runbook: docs\/runbooks\/[a-z-]+\.md$/);
    expect((inputs["tags"] as Record<string, unknown>)["severity"]).toMatch(/^(warning|critical)$/);
    // Without the policy CloudWatch may not publish.
    expect(dependencies.map(shortName)).toContain("monitoring-policy");
  }
});

it("a metric alarm names metric, statistic, threshold and periods", () => {
  const inputs = plain(named(planned, "monitoring-sark-test-connections-warning"));
  const { maxConnections } = amazonStack().servers.sark;
  expect(inputs).toMatchObject({
    namespace: "AWS/RDS",
    metricName: "DatabaseConnections",
    dimensions: { DBInstanceIdentifier: "sark-test" },
    statistic: "Maximum",
    comparisonOperator: "GreaterThanThreshold",
    threshold: maxConnections * 0.8,
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 5,
    treatMissingData: "missing",
  });
  expect(plain(named(planned, "monitoring-sark-test-memory-critical"))).toMatchObject({
    comparisonOperator: "LessThanThreshold",
  });
});

it("a latency alarm uses an extended statistic for its percentile", () => {
  const inputs = plain(named(planned, "monitoring-sark-test-read-latency-warning"));
  expect(inputs).toMatchObject({
    metricName: "ReadLatency",
    extendedStatistic: "p95",
    evaluateLowSampleCountPercentiles: "evaluate",
  });
  expect(inputs).not.toHaveProperty("statistic");
});

it("a formula alarm has metric queries, of which only the result is compared", () => {
  const inputs = plain(named(planned, "monitoring-sark-test-replica-1-iops-critical"));
  const dimensions = { DBInstanceIdentifier: "sark-test-replica-1" };
  const metric = (metricName: string) => ({
    namespace: "AWS/RDS",
    metricName,
    dimensions,
    period: 300,
    stat: "Average",
  });
  expect(inputs["metricQueries"]).toEqual([
    { id: "reads", metric: metric("ReadIOPS"), returnData: false },
    { id: "writes", metric: metric("WriteIOPS"), returnData: false },
    expect.objectContaining({ id: "result", expression: "reads + writes", returnData: true }),
  ]);
  // CloudWatch takes either these or the queries.
  for (const key of ["metricName", "namespace", "period", "statistic", "dimensions"]) {
    expect(inputs).not.toHaveProperty(key);
  }
});

it("a counter alarm queries Performance Insights by the server's resource id", () => {
  expect(plain(named(planned, "monitoring-sark-test-deadlocks"))["metricQueries"]).toEqual([
    {
      id: "deadlocks",
      expression: "DB_PERF_INSIGHTS('RDS', 'db-SARK-TEST', 'db.Concurrency.deadlocks.avg')",
      period: 300,
      returnData: false,
    },
    expect.objectContaining({ id: "result", expression: "deadlocks", returnData: true }),
  ]);
  const ofReplica = plain(named(planned, "monitoring-sark-test-replica-1-cache-hits"));
  expect(JSON.stringify(ofReplica)).toContain("'db-SARK-TEST-REPLICA-1'");
});

it("every alarm uses the namespace and dimension of its metric", () => {
  const alarms = alarmsOf(planned);
  const metrics = alarms.flatMap(({ inputs }) => {
    const queries = (inputs["metricQueries"] ?? []) as { metric?: Record<string, unknown> }[];
    return [inputs, ...queries.map(({ metric = {} }) => metric)];
  });
  const seen = metrics.filter((each) => each["metricName"] !== undefined);
  expect(seen.length).toBeGreaterThan(40);
  for (const { metricName, namespace, dimensions } of seen) {
    const ofVault = /^NumberOf(Backup|Copy)Jobs/.test(String(metricName));
    expect(namespace).toBe(ofVault ? "AWS/Backup" : "AWS/RDS");
    const dimension = namespace === "AWS/RDS" ? "DBInstanceIdentifier" : "BackupVaultName";
    expect(Object.keys(dimensions as object)).toEqual([dimension]);
  }
});

it("the alarm topic admits only CloudWatch and RDS of this account, over TLS", () => {
  expect(statementsOf(plain(named(planned, "monitoring-policy"))["policy"])).toEqual([
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: TOPIC,
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333" },
        ArnLike: {
          "aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:sark-test*",
        },
      },
    },
    {
      Sid: "EventsOfTheServers",
      Effect: "Allow",
      Principal: { Service: "events.rds.amazonaws.com" },
      Action: "sns:Publish",
      Resource: TOPIC,
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333" },
        ArnLike: { "aws:SourceArn": "arn:aws:rds:eu-central-1:111122223333:*" },
      },
    },
    {
      Sid: "NothingWithoutTls",
      Effect: "Deny",
      Principal: "*",
      Action: "sns:Publish",
      Resource: TOPIC,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
  for (const { inputs } of alarmsOf(planned)) expect(inputs["name"]).toMatch(/^sark-test/);
});

it("the alarm topic is encrypted with its own key, which the same services may use", () => {
  const key = named(planned, "monitoring-key");
  expect(plain(named(planned, "monitoring-topic"))).toMatchObject({
    name: "sark-test-alarms",
    kmsMasterKeyId: "arn of monitoring-key",
    signatureVersion: 2,
  });
  expect(plain(key)).toMatchObject({ enableKeyRotation: true });
  const [, ...users] = statementsOf(plain(key)["policy"]);
  expect(users.map(({ Principal }) => Principal)).toEqual([
    { Service: "cloudwatch.amazonaws.com" },
    { Service: "events.rds.amazonaws.com" },
  ]);
  for (const user of users) {
    expect(user).toMatchObject({
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
    });
  }
});

it("the alarm topic has an e-mail subscription for each address", () => {
  const subscriptions = Object.values(
    ofType(planned, "aws:sns/topicSubscription:TopicSubscription"),
  );
  const endpoints = subscriptions.map((each) => [plain(each)["protocol"], plain(each)["endpoint"]]);
  expect(endpoints).toEqual(AMAZON.notify.map((address) => ["email", address]));
});

it("event subscriptions cover RDS events, and the stack's servers after their creation", () => {
  const events = ofType(planned, "aws:rds/eventSubscription:EventSubscription");
  const categories = Object.values(events).map((each) => {
    const { sourceType, eventCategories } = plain(each);
    return [sourceType, eventCategories];
  });
  // Security Hub asks for maintenance, configuration change and failure (RDS.20), and for those of the two groups
  // (RDS.21, RDS.22). Daily backups and their snapshots are left out.
  expect(Object.fromEntries(categories)).toEqual({
    "db-instance": [
      "availability",
      "configuration change",
      "creation",
      "deletion",
      "failover",
      "failure",
      "low storage",
      "maintenance",
      "notification",
      "read replica",
      "recovery",
      "restoration",
      "security",
      "security patching",
    ],
    "db-parameter-group": ["configuration change"],
    "db-security-group": ["configuration change", "failure"],
    "db-snapshot": ["deletion", "notification", "restoration"],
    "blue-green-deployment": ["creation", "deletion", "failure", "notification"],
  });
  const own = named(planned, "monitoring-events-servers");
  const servers = ["sark-test", "sark-test-replica-1"];
  expect(plain(own)["sourceIds"]).toEqual(servers);
  expect(own.dependencies.map(shortName)).toEqual(expect.arrayContaining(servers));
  for (const each of Object.values(events)) {
    expect(plain(each)).toMatchObject({ snsTopic: TOPIC, enabled: true });
    expect(each.dependencies.map(shortName)).toContain("monitoring-policy");
  }
});

it("a replica in the second region is monitored there, with a topic of that region", () => {
  const abroad = named(two, "monitoring-second-region-sark-test-replica-eu-west-1-cpu-warning");
  expect(providerOf(abroad)).toBe("aws-second");
  const topic = "arn:aws:sns:eu-west-1:111122223333:sark-test-alarms";
  expect(plain(abroad)).toMatchObject({ alarmActions: [topic], okActions: [topic] });
  expect(providerOf(named(two, "monitoring-second-region-topic"))).toBe("aws-second");
  expect(plain(named(two, "monitoring-second-region-events-servers"))).toMatchObject({
    snsTopic: topic,
    sourceIds: ["sark-test-replica-eu-west-1"],
  });
  expect(providerOf(named(two, "monitoring-sark-test-cpu-warning"))).toBe("aws");
  // The vault's jobs run in the main region.
  expect(providerOf(named(two, "monitoring-backups-copy-failed"))).toBe("aws");
  expect(planned.some(({ name }) => name.includes("second-region"))).toBe(false);
});

it("AWS monitoring has no vault alarms without a vault", async () => {
  const without = await monitored(ONE, {});
  expect(named(planned, "monitoring-backups-backup-missing").type).toBe(ALARM);
  expect(without.filter(({ type }) => type === ALARM).length).toBe(alarmsOf(planned).length - 2);
});

it("a promoted replica is monitored as a primary", async () => {
  const watchedAs = async (promoted?: number) => {
    const settings = amazonStack({ replicas: 2, ...(promoted ? { rds: { promoted } } : {}) });
    const alarms = alarmsOf(await monitored(settings)).map(({ inputs }) => String(inputs["name"]));
    const having = (alarm: string) =>
      ["", "-replica-1", "-replica-2"].filter((server) =>
        alarms.includes(`sark-test${server}-${alarm}`),
      );
    return {
      ofPrimary: having("archive-failures"),
      behind: having("replica-lag-warning"),
      ofSlots: having("slot-lag-warning"),
    };
  };
  expect(await watchedAs()).toEqual({
    ofPrimary: [""],
    behind: ["-replica-1", "-replica-2"],
    ofSlots: [""],
  });
  // The other replica still replicates from the old primary.
  expect(await watchedAs(2)).toEqual({
    ofPrimary: ["", "-replica-2"],
    behind: ["-replica-1"],
    ofSlots: [""],
  });
});

it("watchedServer takes WAL and volume limits from the server's parameters and volume", () => {
  const settings = amazonStack();
  const primary = watched(settings, PRIMARY, 1);
  const value = (name: string) =>
    Number(settings.servers.sark.parameters.find((each) => each.name === name)?.value) * 2 ** 20;
  expect(primary).toMatchObject({
    wal: { max: value("max_wal_size"), slots: value("max_slot_wal_keep_size") },
    volume: { size: 500 * 2 ** 30, iops: 12_000 },
    maxConnections: settings.servers.sark.maxConnections,
  });
  // A report may take 15 minutes on a replica.
  expect(watched(settings, REPLICA, 0)).toMatchObject({ reportSeconds: 900 });
  const unbounded = amazonStack({ parameters: { max_slot_wal_keep_size: -1 } });
  expect(watched(unbounded, PRIMARY, 1).wal.slots).toBe(50 * 2 ** 30);
});

it("watchedServer uses a replica's own class and parameters, and the limits of a small volume", () => {
  const settings = amazonStack({
    size: { memory: "32GiB", vcpus: 8, storage: { size: "100GiB", kind: "san" } },
    rds: {
      replica: {
        instanceClass: "db.m7g.4xlarge",
        parameters: { max_standby_streaming_delay: "30s" },
      },
    },
  });
  const [primary, replica] = [watched(settings, PRIMARY, 1), watched(settings, REPLICA, 0)];
  expect(replica.machine.name).toBe("db.m7g.4xlarge");
  expect(replica.reportSeconds).toBe(30);
  expect(primary.machine.name).not.toBe("db.m7g.4xlarge");
  expect(primary.volume).toEqual({ size: 100 * 2 ** 30, iops: 3000, throughput: 125 });
});

it("a stack's own limits and address of runbooks change its alarms", async () => {
  const monitoring = {
    objectives: { connections: { target: 0.5 }, "cache-hits": { critical: 0.9 } },
    runbooks: "https://git.example.com/runbooks",
  };
  const changed = await monitored(amazonStack({}, { monitoring }));
  const { maxConnections } = amazonStack().servers.sark;
  const inputsOf = (alarm: string) => plain(named(changed, `monitoring-sark-test-${alarm}`));
  expect(inputsOf("connections-warning")).toMatchObject({
    threshold: maxConnections * 0.5,
    alarmDescription: expect.stringMatching(
      / Runbook: https:\/\/git\.example\.com\/runbooks\/connections\.md$/,
    ) as string,
  });
  expect(inputsOf("connections-critical")["threshold"]).toBe(maxConnections * 0.9);
  // The usual alarm keeps its name.
  expect(inputsOf("cache-hits")["threshold"]).toBe(95);
  expect(inputsOf("cache-hits-critical")["threshold"]).toBe(90);
  expect(inputsOf("cache-hits-critical")["tags"]).toMatchObject({ severity: "critical" });
});

interface Panel {
  readonly type: string;
  readonly y: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly region?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly yAxis?: { readonly left: { readonly label: string } };
    readonly annotations?: {
      readonly horizontal?: readonly { readonly label: string; readonly value: number }[];
      readonly alarms?: readonly string[];
    };
  };
}

function panelsOf(registrations: readonly Registration[], dashboard: string): readonly Panel[] {
  const body = plain(named(registrations, dashboard))["dashboardBody"];
  return (JSON.parse(String(body)) as { readonly widgets: readonly Panel[] }).widgets;
}

it("the dashboard shows the state of every alarm, and its limit in a panel", () => {
  const panels = panelsOf(planned, "monitoring-dashboard");
  const arns = alarmsOf(planned).map(
    ({ inputs }) => `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${String(inputs["name"])}`,
  );
  expect(panels.flatMap(({ properties }) => properties.alarms ?? []).sort()).toEqual(arns.sort());
  const metrics = panels.filter(({ type }) => type === "metric");
  const limits = metrics.flatMap(({ properties: { annotations } }) =>
    (annotations?.horizontal ?? []).map(({ label, value }) => `${label} ${value}`),
  );
  const shown = metrics.flatMap(({ properties: { annotations } }) => annotations?.alarms ?? []);
  for (const { inputs } of alarmsOf(planned)) {
    const { severity } = inputs["tags"] as Record<string, string>;
    const own = shown.some((arn) => arn.endsWith(`:${String(inputs["name"])}`));
    expect(own || limits.includes(`${severity} ${String(inputs["threshold"])}`)).toBe(true);
  }
  for (const { properties } of metrics) {
    expect(properties.yAxis?.left.label).toMatch(/./);
    expect(properties.region).toBe("eu-central-1");
  }
});

it("each row of the dashboard begins with its question and links to runbooks", () => {
  const panels = panelsOf(planned, "monitoring-dashboard");
  const questions = panels.filter(({ type }) => type === "text");
  expect(questions.length).toBeGreaterThan(7);
  for (const { y, properties } of questions) {
    expect(properties.markdown).toMatch(/^## .+\?(\nRunbooks: \[.+\]\(docs\/runbooks\/.+\.md\))?$/);
    expect(panels.filter((each) => each.y === y)).toHaveLength(1);
    expect(panels.some((each) => each.type !== "text" && each.y === y + 2)).toBe(true);
  }
});

it("a panel of the dashboard has a line for each server", () => {
  const panel = panelsOf(planned, "monitoring-dashboard").find(
    ({ properties }) =>
      properties.title === "disk operations, of those that volume and class allow",
  );
  const results = panel?.properties.metrics?.filter(([first]) => typeof first === "object");
  expect(results).toEqual([
    [expect.objectContaining({ expression: "reads0 + writes0", label: "sark-test" })],
    [expect.objectContaining({ expression: "reads1 + writes1", label: "sark-test-replica-1" })],
  ]);
});

it("each region with servers has its own dashboard", () => {
  const dashboards = ofType(two, "aws:cloudwatch/dashboard:Dashboard");
  expect(Object.values(dashboards).map((each) => plain(each)["dashboardName"])).toEqual([
    "sark-test-eu-central-1",
    "sark-test-eu-west-1",
  ]);
  expect(providerOf(named(two, "monitoring-second-region-dashboard"))).toBe("aws-second");
  const panels = panelsOf(two, "monitoring-second-region-dashboard");
  expect(JSON.stringify(panels)).not.toContain("eu-central-1");
});
