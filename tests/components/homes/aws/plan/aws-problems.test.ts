import { type Changes, problemsOf } from "./aws-stack";

/** What is wrong, the change that makes it so, and what its one refusal says. */
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

it("takes a sound stack", () => {
  expect(problemsOf({})).toEqual([]);
});

describe("the account and the network", () => {
  refuses([
    [
      "a database on RDS without an account",
      { aws: undefined, backups: { bucket: { managed: false, retentionDays: 32 } } },
      "sark-databases:aws: got nothing",
      "an account and a network that are given",
    ],
    ["no VPC", { aws: { vpc: undefined } }, "aws.vpc: got nothing", "either vpc or vpcTags"],
    ["two VPCs", { aws: { vpcTags: { a: "b" } } }, "aws.vpc", "either vpc or vpcTags"],
    [
      "no subnets",
      { aws: { subnetTags: undefined } },
      "aws.subnets",
      "either subnets or subnetTags",
    ],
    [
      "a network of the replica elsewhere that is named twice",
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
      "the roles trust what it signs",
    ],
    [
      "the same region as a second one",
      { aws: { secondRegion: { region: "eu-central-1" } } },
      "aws.secondRegion.region: got eu-central-1",
      "another region than aws.region",
    ],
    [
      "alarms that nobody hears, in a protected stack",
      { aws: { notify: [] } },
      "aws.notify: got nobody",
      "alarms that nobody hears",
    ],
  ]);

  it("takes nobody where nothing is watched, or nothing protected", () => {
    expect(problemsOf({ aws: { notify: [] }, monitoring: { enabled: false } })).toEqual([]);
    expect(problemsOf({ aws: { notify: [] }, protection: false })).toEqual([]);
  });
});

describe("the bucket", () => {
  const bucket = (settings: Changes): Changes => ({ backups: { bucket: settings } });
  refuses([
    [
      "a managed one without an account",
      { ...local, aws: undefined },
      "backups.bucket.managed: got true",
      "false, or the group aws",
    ],
    [
      "another's address",
      bucket({ endpoint: "https://s3.example.com" }),
      "bucket.endpoint: got https://s3.example.com",
      "with managed",
    ],
    ["keys", bucket({ access: "keys" }), "bucket.access: got keys", "role, with managed"],
    [
      "a role of somebody else's",
      bucket({ role: "arn:aws:iam::1:role/x" }),
      "bucket.role",
      "with managed",
    ],
    [
      "another region",
      bucket({ region: "us-east-1" }),
      "bucket.region: got us-east-1",
      "eu-central-1, as aws.region says",
    ],
    [
      "no cluster whose pods could take on its roles",
      { aws: { cluster: undefined } },
      "aws.cluster: got nothing",
      "a role trusts one cluster",
    ],
    [
      "a lock shorter than the backups",
      bucket({ lock: { days: 29 } }),
      "bucket.lock.days: got 29",
      "at least 30, as backups.retentionDays says",
    ],
    [
      "objects that go before their lock",
      bucket({ retentionDays: 59, lock: { days: 60 } }),
      "bucket.retentionDays: got 59",
      "at least 60",
    ],
    [
      "a lock of somebody else's bucket",
      bucket({ managed: false, lock: { days: 60 } }),
      "bucket.lock.days: got 60",
      "unless the bucket is managed",
    ],
  ]);

  it("takes a lock as long as the backups, and objects as long as their lock", () => {
    expect(problemsOf(bucket({ lock: { days: 30 }, retentionDays: 32 }))).toEqual([]);
    expect(problemsOf(bucket({ lock: { days: 32 }, retentionDays: 32 }))).toEqual([]);
  });
});

describe("the class", () => {
  refuses([
    [
      "one that is not known",
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
      "one of the replicas that is not known",
      rds({ replica: { instanceClass: "db.m9x.large" } }),
      "rds.replica.instanceClass: got db.m9x.large",
      "did you mean db.m",
    ],
    [
      "a size that none has",
      { sark: { size: { memory: "2TiB" } } },
      "sark.size: got 2097152 MB and 8 processors",
      "at most what db.r8g.48xlarge has: 1572864 MB and 192 processors",
    ],
    [
      "one with less than the size says",
      { sark: { size: { memory: "16.5GiB", vcpus: 4 }, rds: { instanceClass: "db.m8g.xlarge" } } },
      "rds.instanceClass: got db.m8g.xlarge, which has 16384 MB and 4 processors",
      "a class with sark.size.memory, 16896 MB",
    ],
    [
      "one too small for the connections",
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
      "one of the replicas too small for the primary's connections",
      { ...rds({ replica: { instanceClass: "db.t4g.micro" } }), application: { tier: "low" } },
      "sark.rds.replica.instanceClass: got db.t4g.micro, 1024 MB for 100 connections",
      "too small for the connections",
    ],
    [
      "one too small for the stack's own parameters",
      { sark: { parameters: { work_mem: "256MB" } } },
      "sark.rds.instanceClass: got db.m8g.2xlarge, 32768 MB for 200 connections",
      "208 executing processes x work_mem 53248 MB",
      "what RDS keeps 1324 MB",
    ],
    [
      "one of the replicas too small for their own parameters",
      rds({ replica: { parameters: { shared_buffers: "30GB" } } }),
      "sark.rds.replica.instanceClass: got db.m8g.2xlarge",
      "shared_buffers 30720 MB",
    ],
  ]);
});

describe("parameters", () => {
  const own = (parameters: Changes): Changes => ({ sark: { parameters } });
  const replica = (parameters: Changes): Changes => rds({ replica: { parameters } });
  refuses([
    [
      "one that RDS keeps",
      own({ wal_level: "logical" }),
      "sark.parameters.wal_level: got logical",
      "RDS lets nobody set it",
      "its backups and replicas",
    ],
    [
      "one of a replica that RDS keeps",
      replica({ superuser_reserved_connections: 5 }),
      "sark.rds.replica.parameters.superuser_reserved_connections",
    ],
    [
      "a forced one, in any case",
      own({ Password_Encryption: "md5" }),
      "parameters.Password_Encryption: got md5",
      "on RDS it is scram-sha-256",
    ],
    [
      "a forced one of the log",
      own({ log_parameter_max_length: -1 }),
      "on RDS it is 0",
      "personal data",
    ],
    ["a prefix of its own", own({ log_line_prefix: "%m " }), "on RDS it is %m:%r"],
    ["one of a replica that no server has", replica({ wrok_mem: "4MB" }), "wrok_mem", "work_mem"],
    [
      "connections of a replica",
      replica({ max_connections: 500 }),
      "allowed: the setting connections",
    ],
    [
      "less on a replica than on the primary",
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
      "those of replicas that there are none of",
      { sark: { replicas: 0, rds: { replica: { parameters: { jit: true } } } } },
      "replica.parameters: got jit",
      "nothing without replicas",
    ],
  ]);

  it("takes what RDS lets one set", () => {
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

describe("replicas, promotion and recovery", () => {
  const recovery = { generation: 3 };
  refuses([
    [
      "another major version before a promotion",
      rds({ replica: { majorVersion: 17 } }),
      "replica.majorVersion: got 17",
      "18, as sark.majorVersion says",
    ],
    [
      "another major version of a replica that still follows",
      { sark: { replicas: 2, rds: { promoted: 1, replica: { majorVersion: 17 } } } },
      "replica.majorVersion: got 17",
      "unless the only replica is promoted",
    ],
    ["a replica that is not there", rds({ promoted: 2 }), "rds.promoted: got 2", "1 to 1"],
    [
      "one of no replicas",
      { sark: { replicas: 0, rds: { promoted: 1 } } },
      "nothing without replicas",
    ],
    [
      "that of a second region without one",
      rds({ promoted: "second-region" }),
      "rds.promoted: got second-region",
      "unless aws.secondRegion.replica is there",
    ],
    [
      "a copy that replicas do not follow",
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
      "nothing beside rds.snapshot",
    ],
    [
      "a snapshot and another generation",
      { sark: { recovery: { ...recovery, from: 1 }, rds: { snapshot: "s" } } },
      "recovery.from",
      "nothing beside rds.snapshot",
    ],
    [
      "itself as its origin",
      { sark: { recovery: { ...recovery, from: 3 } } },
      "recovery.from: got 3",
      "less than generation, 3",
    ],
    [
      "a time to come",
      { sark: { recovery: { ...recovery, time: "2026-06-01T12:00:01Z" } } },
      "recovery.time: got 2026-06-01T12:00:01Z",
      "a time that has passed",
    ],
  ]);

  it("takes another version after a promotion, and a recovery", () => {
    expect(problemsOf(rds({ promoted: 1, replica: { majorVersion: 17 } }))).toEqual([]);
    expect(problemsOf({ sark: { recovery: { ...recovery, from: 1 } } })).toEqual([]);
    expect(problemsOf({ sark: { recovery, rds: { snapshot: "sark-final" } } })).toEqual([]);
  });
});

describe("settings of a home that the stack does not use", () => {
  refuses([
    [
      "a replica in a second region without RDS",
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
