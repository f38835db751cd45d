import { type Changes, problemsOf } from "./aws-stack";

/** Name of the problem, the change that causes it, and fragments of its message. */
type Case = readonly [what: string, changes: Changes, ...parts: readonly string[]];

function refuses(cases: readonly Case[]): void {
  it.each(cases.map(([what, changes, ...parts]) => ({ what, changes, parts })))(
    "refuses $what",
    ({ changes, parts }) => {
      const [problem, ...others] = problemsOf(changes);
      expect(others).toEqual([]);
      for (const part of parts) expect(problem).toContain(part);
    },
  );
}

const rds = (settings: Changes): Changes => ({ sark: { rds: settings } });
const local = { sark: { home: "kubernetes", image: undefined } };

it("awsProblems accepts a valid stack, also with limits of its own", () => {
  expect(problemsOf({})).toEqual([]);
  for (const limits of [{ target: 10 }, { critical: 1000 }, { target: 600, critical: 800 }]) {
    expect(problemsOf({ monitoring: { objectives: { "replica-lag": limits } } })).toEqual([]);
  }
});

describe("AWS account and network settings", () => {
  refuses([
    [
      "a database on RDS without an account",
      { aws: undefined, backups: { bucket: { managed: false, retentionDays: 32 } } },
      "sark-databases:aws: got nothing",
      "needs an account and a network",
    ],
    ["no VPC", { aws: { vpc: undefined } }, "aws.vpc: got neither", "either vpc or vpcTags"],
    [
      "a VPC named by id and tags",
      { aws: { vpcTags: { a: "b" } } },
      "aws.vpc",
      "either vpc or vpcTags",
    ],
    [
      "no subnets",
      { aws: { subnetTags: undefined } },
      "aws.subnets",
      "either subnets or subnetTags",
    ],
    [
      "a second region's VPC named by id and tags",
      {
        aws: {
          secondRegion: {
            replica: {
              vpc: "vpc-0123456789abcdef1",
              vpcTags: { a: "b" },
              subnetTags: { tier: "database" },
              sources: { eks: "sg-0123456789abcdef1" },
            },
          },
        },
      },
      "aws.secondRegion.replica.vpc",
    ],
    [
      "irsa without an issuer",
      { aws: { cluster: { identity: "irsa" } } },
      "aws.cluster.issuer: got nothing",
      "the roles trust its tokens",
    ],
    [
      "a second region that equals the first",
      { aws: { secondRegion: { region: "eu-central-1" } } },
      "aws.secondRegion.region: got eu-central-1",
      "a region other than aws.region",
    ],
    [
      "alarms without a recipient in a protected stack",
      { aws: { notify: [] } },
      "aws.notify: got no address",
      "alarms go unnoticed",
    ],
  ]);

  it("accept no recipient without monitoring or protection", () => {
    expect(problemsOf({ aws: { notify: [] }, monitoring: { enabled: false } })).toEqual([]);
    expect(problemsOf({ aws: { notify: [] }, protection: false })).toEqual([]);
  });
});

describe("AWS bucket settings", () => {
  const bucket = (settings: Changes): Changes => ({ backups: { bucket: settings } });
  refuses([
    [
      "a managed bucket without an account",
      { ...local, aws: undefined },
      "backups.bucket.managed: got true",
      "false, or the group aws",
    ],
    [
      "an endpoint for a managed bucket",
      bucket({ endpoint: "https://s3.example.com" }),
      "bucket.endpoint: got https://s3.example.com",
      "with managed",
    ],
    [
      "access keys for a managed bucket",
      bucket({ access: "keys" }),
      "bucket.access: got keys",
      "role, with managed",
    ],
    [
      "an existing role for a managed bucket",
      bucket({ role: "arn:aws:iam::1:role/x" }),
      "bucket.role",
      "with managed",
    ],
    [
      "a managed bucket in another region",
      bucket({ region: "us-east-1" }),
      "bucket.region: got us-east-1",
      "eu-central-1, like aws.region",
    ],
    [
      "a managed bucket without a cluster for its roles",
      { aws: { cluster: undefined } },
      "aws.cluster: got nothing",
      "a role trusts one cluster",
    ],
    [
      "a lock shorter than the backups",
      bucket({ lock: { days: 31 } }),
      "bucket.lock.days: got 31",
      "at least 32, or a shorter backups.retentionDays",
    ],
    [
      "objects that expire before their lock",
      bucket({ retentionDays: 59, lock: { days: 60 } }),
      "bucket.retentionDays: got 59",
      "at least 60",
    ],
    [
      "a lock for an unmanaged bucket",
      bucket({ managed: false, lock: { days: 60 } }),
      "bucket.lock.days: got 60",
      "unless the bucket is managed",
    ],
  ]);

  it("accept a lock as long as the backups, and objects as long as their lock", () => {
    expect(problemsOf(bucket({ lock: { days: 32 } }))).toEqual([]);
    expect(problemsOf(bucket({ lock: { days: 32 }, retentionDays: 32 }))).toEqual([]);
  });
});

describe("AWS instance class settings", () => {
  refuses([
    [
      "an unknown class",
      {
        sark: {
          size: { memory: undefined, vcpus: undefined },
          rds: { instanceClass: "db.m8g.lagre" },
        },
      },
      "rds.instanceClass: got db.m8g.lagre",
      "did you mean db.m8g.large?",
    ],
    [
      "an unknown class of the replicas",
      rds({ replica: { instanceClass: "db.m9x.large" } }),
      "rds.replica.instanceClass: got db.m9x.large",
      "did you mean db.m",
    ],
    [
      "a size larger than any class",
      { sark: { size: { memory: "2TiB" } } },
      "sark.size: got 2097152 MB and 8 vCPUs",
      "at most 1572864 MB and 192 vCPUs, which db.r8g.48xlarge has",
    ],
    [
      "a class smaller than the size",
      { sark: { size: { memory: "16.5GiB", vcpus: 4 }, rds: { instanceClass: "db.m8g.xlarge" } } },
      "rds.instanceClass: got db.m8g.xlarge, which has 16384 MB and 4 vCPUs",
      "a class with sark.size.memory (16896 MB) or more",
    ],
    [
      "a class too small for the connections",
      {
        sark: {
          size: { memory: undefined, vcpus: undefined },
          rds: { instanceClass: "db.t4g.small" },
        },
        application: { tier: "high" },
      },
      "sark.rds.instanceClass: got db.t4g.small, 2048 MB for 250 connections",
      "db.m8g.large or larger, or at most 203 connections",
      "shared_buffers 421 MB + ",
    ],
    [
      "a class of the replicas too small for the primary's connections",
      { ...rds({ replica: { instanceClass: "db.t4g.micro" } }), application: { tier: "low" } },
      "sark.rds.replica.instanceClass: got db.t4g.micro, 1024 MB for 100 connections",
      "too small for the connections",
    ],
    [
      "a class too small for the stack's own parameters",
      { sark: { parameters: { work_mem: "256MB" } } },
      "sark.rds.instanceClass: got db.m8g.2xlarge, 32768 MB for 200 connections",
      "208 executing processes x work_mem 53248 MB",
      "reserved by RDS 1324 MB",
    ],
    [
      "a critical replica lag below the target that RDS has by itself",
      { monitoring: { objectives: { "replica-lag": { critical: 600 } } } },
      "sark-databases:monitoring.objectives.replica-lag.critical: got 600",
      "at least 900",
    ],
    [
      "a class of the replicas too small for their own parameters",
      rds({ replica: { parameters: { shared_buffers: "30GB" } } }),
      "sark.rds.replica.instanceClass: got db.m8g.2xlarge",
      "shared_buffers 30720 MB",
    ],
  ]);
});

describe("AWS parameter settings", () => {
  const own = (parameters: Changes): Changes => ({ sark: { parameters } });
  const replica = (parameters: Changes): Changes => rds({ replica: { parameters } });
  refuses([
    [
      "a parameter that RDS reserves",
      own({ wal_level: "logical" }),
      "sark.parameters.wal_level: got logical",
      "RDS does not let users set it",
      "its backups and replicas",
    ],
    [
      "a replica's parameter that RDS reserves",
      replica({ superuser_reserved_connections: 5 }),
      "sark.rds.replica.parameters.superuser_reserved_connections",
    ],
    [
      "a forced parameter, in any case",
      own({ Password_Encryption: "md5" }),
      "parameters.Password_Encryption: got md5",
      "on RDS it is always scram-sha-256",
    ],
    [
      "a forced parameter of the log",
      own({ log_parameter_max_length: -1 }),
      "on RDS it is always 0",
      "personal data",
    ],
    ["another log_line_prefix", own({ log_line_prefix: "%m " }), "on RDS it is always %m:%r"],
    ["an unknown parameter of a replica", replica({ wrok_mem: "4MB" }), "wrok_mem", "work_mem"],
    [
      "max_connections of a replica",
      replica({ max_connections: 500 }),
      "allowed: the setting connections",
    ],
    [
      "a hot-standby value on a replica below the primary's",
      {
        sark: {
          parameters: { max_worker_processes: 32 },
          rds: { replica: { parameters: { max_worker_processes: 16 } } },
        },
      },
      "replica.parameters.max_worker_processes: got 16",
      "at least 32, as the primary has",
      "refuses to start",
    ],
    [
      "replica parameters without replicas",
      { sark: { replicas: 0, rds: { replica: { parameters: { jit: true } } } } },
      "replica.parameters: got jit",
      "nothing without replicas",
    ],
  ]);

  it("accept parameters that RDS lets users set", () => {
    expect(
      problemsOf({
        sark: {
          parameters: { work_mem: "8MB", log_statement: "mod", "pg_stat_statements.track": "top" },
          rds: { replica: { parameters: { max_worker_processes: 64, jit: true } } },
        },
      }),
    ).toEqual([]);
  });
});

describe("AWS replica, promotion and recovery settings", () => {
  const recovery = { generation: 3 };
  refuses([
    [
      "another major version without a promotion",
      rds({ replica: { majorVersion: 17 } }),
      "replica.majorVersion: got 17",
      "18, like sark.majorVersion",
    ],
    [
      "another major version while a second replica still replicates",
      { sark: { replicas: 2, rds: { promoted: 1, replica: { majorVersion: 17 } } } },
      "replica.majorVersion: got 17",
      "unless the only replica is promoted",
    ],
    [
      "promotion of a replica that does not exist",
      rds({ promoted: 2 }),
      "rds.promoted: got 2",
      "1 to 1",
    ],
    [
      "promotion without replicas",
      { sark: { replicas: 0, rds: { promoted: 1 } } },
      "nothing without replicas",
    ],
    [
      "promotion in a second region without a replica",
      rds({ promoted: "second-region" }),
      "rds.promoted: got second-region",
      "unless aws.secondRegion.replica is set",
    ],
    [
      "blue/green with replicas",
      rds({ blueGreen: true }),
      "rds.blueGreen: got true",
      "false, with a replica",
    ],
    [
      "a snapshot without a recovery",
      rds({ snapshot: "sark-final" }),
      "rds.snapshot: got sark-final",
      "nothing without sark.recovery",
    ],
    [
      "a snapshot and a time",
      { sark: { recovery: { ...recovery, time: "2026-05-01T00:00:00Z" }, rds: { snapshot: "s" } } },
      "recovery.time",
      "nothing together with rds.snapshot",
    ],
    [
      "a snapshot and a source generation",
      { sark: { recovery: { ...recovery, from: 1 }, rds: { snapshot: "s" } } },
      "recovery.from",
      "nothing together with rds.snapshot",
    ],
    [
      "a generation restored from itself",
      { sark: { recovery: { ...recovery, from: 3 } } },
      "recovery.from: got 3",
      "less than generation (3)",
    ],
    [
      "a recovery time in the future",
      { sark: { recovery: { ...recovery, time: "2026-06-01T12:00:01Z" } } },
      "recovery.time: got 2026-06-01T12:00:01Z",
      "a time in the past",
    ],
  ]);

  it("accept another version after a promotion, and a recovery", () => {
    expect(problemsOf(rds({ promoted: 1, replica: { majorVersion: 17 } }))).toEqual([]);
    expect(problemsOf({ sark: { recovery: { ...recovery, from: 1 } } })).toEqual([]);
    expect(problemsOf({ sark: { recovery, rds: { snapshot: "sark-final" } } })).toEqual([]);
  });
});

describe("AWS settings without RDS", () => {
  refuses([
    [
      "a replica in a second region",
      {
        sark: { home: "kubernetes" },
        aws: {
          secondRegion: {
            replica: {
              vpc: "vpc-0123456789abcdef1",
              subnetTags: { tier: "database" },
              sources: { eks: "sg-0123456789abcdef1" },
            },
          },
        },
      },
      "aws.secondRegion.replica",
      "unless sark.home is aws",
    ],
  ]);
});
