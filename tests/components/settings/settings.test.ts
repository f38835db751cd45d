import { SettingsError } from "../../../components/settings/settings";
import { parseSettings } from "../../support/parse-settings";

/** The minimal settings of a stack, with the defaults that Pulumi merges. */
const stack = (differences: Record<string, unknown> = {}) => ({
  sark: { home: "local" },
  audit: { home: "local" },
  route: "direct",
  protection: true,
  rotation: 1,
  ...differences,
});

/** Problems in the error for a configuration, one per line. */
function problems(raw: unknown): readonly string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

describe("settings of a stack that names only its homes", () => {
  const settings = parseSettings(stack());

  it("have a default for every other setting", () => {
    expect(settings.sark).toMatchObject({ majorVersion: 18, replicas: 1, parameters: {} });
    expect(settings.audit).toMatchObject({ majorVersion: 18, replicas: 0, retention: {} });
    expect(settings.audit.parameters).toBeUndefined();
    expect(settings.pool).toMatchObject({ enabled: true, instances: 2, defaultPoolSize: 25 });
    expect(settings.application).toMatchObject({ tier: "medium", pods: 4, maxSurge: "25%" });
    expect(settings.backups.retentionDays).toBe(14);
    expect(settings.local.ports.pool).toBe(16432);
  });

  it("leave the size unset, so that the local home can take a share of the machine", () => {
    expect(settings.sark.size).toBeUndefined();
  });
});

it("settings convert sizes to bytes and leave unset memory and vCPUs undefined", () => {
  const { sark } = parseSettings(stack({ sark: { home: "local", size: { memory: "1.5GiB" } } }));
  expect(sark.size).toEqual({
    memory: 1.5 * 1024 ** 3,
    storage: { size: 100 * 1024 ** 3, kind: "ssd" },
  });
});

describe("invalid setting value", () => {
  it.each([
    ["sark.connections", { sark: { home: "local", connections: 5 } }, "got 5", "10 to 10000"],
    ["sark.home", { sark: { home: "azure" } }, 'got "azure"', "local, aws, kubernetes"],
    ["sark.size.memory", { sark: { home: "local", size: { memory: "8GB" } } }, '"8GB"', "8GiB"],
    [
      "audit.retention.audit_events",
      { audit: { home: "local", retention: { audit_events: "90d" } } },
      '"90d"',
      "90 days",
    ],
    ["rotation", { rotation: 0 }, "got 0", "from 1"],
    ["protection", { protection: "yes" }, 'got "yes"', "true or false"],
    ["backups.retentionDays", { backups: { retentionDays: 6 } }, "got 6", "from 7 to 35"],
    ["application.maxSurge", { application: { maxSurge: "lots" } }, '"lots"', "25%"],
    [
      "sark.tunnel.port",
      { sark: { home: "local", tunnel: { host: "h", port: 70000 } } },
      "70000",
      "65535",
    ],
  ])("is rejected with value and allowed values: %s", (key, differences, value, allowed) => {
    const [problem, ...others] = problems(stack(differences));
    expect(others).toEqual([]);
    expect(problem).toContain(`sark-databases:${key}: `);
    expect(problem).toContain(value);
    expect(problem).toContain(allowed);
  });

  it("is reported alone when the home is missing or unknown", () => {
    const allowed = "allowed: one of local, aws, kubernetes; each home provisions";
    expect(problems(stack({ sark: { connections: 5 } }))).toEqual([
      expect.stringContaining(`sark-databases:sark.home: got nothing; ${allowed}`),
    ]);
    expect(problems(stack({ sark: 5 }))).toEqual([
      expect.stringContaining(
        "sark-databases:sark: got 5; allowed: a home (one of local, aws, kubernetes) and its keys; ",
      ),
    ]);
  });

  it('is reported as "got nothing" when the setting is missing', () => {
    const { sark: _, ...rest } = stack();
    expect(problems(rest)).toEqual([expect.stringContaining("sark-databases:sark: got nothing")]);
  });
});

describe("unknown settings key", () => {
  it.each([
    ["at the top", { protectoin: true }, "sark-databases:protectoin", "did you mean protection?"],
    [
      "deep inside",
      { sark: { home: "local", size: { memroy: "8GiB" } } },
      "sark-databases:sark.size.memroy",
      "did you mean memory?",
    ],
    ["unlike any other", { pool: { xyzzy: 1 } }, "sark-databases:pool.xyzzy", "the keys enabled,"],
  ])("is rejected %s, with the closest known name", (_, differences, key, hint) => {
    const [problem] = problems(stack(differences));
    expect(problem).toContain(key);
    expect(problem).toContain(hint);
  });
});

it.each([
  ['{"sark": {"home": "local", "parameters": {"__proto__": "1"}}}', "sark.parameters.__proto__"],
  ['{"sark": {"home": "local", "parameters": {"__proto__": {"jit": 1}}}}', "sark.parameters"],
  ['{"sark": {"home": "local", "__proto__": "1"}}', "sark.__proto__"],
  ['{"__proto__": 1}', "__proto__"],
  [
    '{"backups": {"bucket": {"path": "s3://bucket/folder", "roles": {"__proto__": "x"}}}}',
    "backups.bucket.roles",
  ],
])("settings reject a key called __proto__: %s", (differences, key) => {
  const raw = { ...stack(), ...(JSON.parse(differences) as object) };
  expect(problems(raw)).toEqual([expect.stringContaining(`sark-databases:${key}`)]);
});

describe("settings key of another home", () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    [
      "cluster instances in the local home",
      { sark: { home: "local", instances: 3 } },
      "sark.instances",
      "sark.home is kubernetes",
    ],
    [
      "an RDS instance class in the local home",
      { sark: { home: "local", rds: { instanceClass: "db.m7g.large" } } },
      "sark.rds",
      "sark.home is aws",
    ],
    [
      "multi-zone availability in the local home",
      { sark: { home: "local", availability: "multi-zone" } },
      "sark.availability",
      "sark.home is aws or kubernetes",
    ],
    [
      "a nested StorageClass in the local home",
      { sark: { home: "local", size: { storage: { class: "fast" } } } },
      "sark.size.storage.class",
      "sark.home is kubernetes",
    ],
    [
      "a WAL volume on RDS",
      { sark: { home: "aws", size: { storage: { wal: "10GiB" } } } },
      "sark.size.storage.wal",
      "sark.home is kubernetes",
    ],
    [
      "synchronous replication on RDS",
      { sark: { home: "aws", synchronous: { replicas: 1 } } },
      "sark.synchronous",
      "sark.home is kubernetes",
    ],
    [
      "old cluster names in a recovery on RDS",
      { sark: { home: "aws", recovery: { generation: 2, oldNames: 2 } } },
      "sark.recovery.oldNames",
      "sark.home is kubernetes",
    ],
    [
      "a recovery of the embedded TimescaleDB",
      { audit: { home: "local", recovery: { generation: 2 } } },
      "audit.recovery",
      "audit.home is kubernetes",
    ],
    [
      "an image in the local home",
      { sark: { home: "local", image: "registry.example.com/postgresql:18.6" } },
      "sark.image",
      "sark.home is aws or kubernetes",
    ],
    [
      "an external server in place of a cluster",
      { audit: { home: "kubernetes", external: { host: "db.example.com" } } },
      "audit.external",
      "audit.home is local",
    ],
    [
      "parameters of a server that takes none",
      { audit: { home: "local", parameters: { work_mem: "4MB" } } },
      "audit.parameters",
      "audit.home is kubernetes",
    ],
  ])("is rejected with the homes that have it: %s", (_, differences, key, homes) => {
    expect(problems(stack(differences))).toEqual([
      expect.stringMatching(
        `^sark-databases:${key}: got a key of another home; allowed: nothing, unless ${homes}; ` +
          "the home (local|aws|kubernetes) does not read it, so it would be ignored without a warning$",
      ),
    ]);
  });

  it("is reported for both databases", () => {
    const found = problems(
      stack({ sark: { home: "local", instances: 3 }, audit: { home: "local", instances: 3 } }),
    );
    expect(found).toHaveLength(2);
  });

  it("is allowed in a group with free names", () => {
    const sark = { home: "local", parameters: { instances: 3 } };
    expect(problems(stack({ sark }))).toEqual([]);
  });
});

describe("settings combinations", () => {
  it.each([
    [
      "the audit database on RDS",
      { audit: { home: "aws" } },
      "Amazon RDS does not offer the timescaledb extension",
    ],
    [
      "another major version on the embedded server",
      { sark: { home: "local", majorVersion: 17 } },
      "PostgreSQL 18",
    ],
    [
      "a replica of the embedded TimescaleDB",
      { audit: { home: "local", replicas: 1 } },
      "cannot be replicated",
    ],
    [
      "a local server behind a pool in the cluster",
      { sark: { home: "kubernetes" }, protection: false, route: "port-forward" },
      "sark-databases:audit.home: got local; allowed: kubernetes, or another sark.home, or pool.enabled false; one PgBouncer serves both",
    ],
    [
      "a server in the cluster behind a local pool",
      { audit: { home: "kubernetes", image: "r.example.com/ts:18.6" }, protection: false },
      "sark-databases:audit.home: got kubernetes; allowed: local, or another sark.home",
    ],
    ["two replicas in the local home", { sark: { home: "local", replicas: 2 } }, "one replica"],
    [
      "port-forward without a database on Kubernetes",
      { route: "port-forward" },
      "no database of this stack runs on Kubernetes",
    ],
    [
      "one port for two servers",
      { local: { ports: { audit: 16432 } } },
      "only one process can listen on a port",
    ],
  ])("are rejected with the reason: %s", (_, differences, reason) => {
    expect(problems(stack(differences))).toEqual([expect.stringContaining(reason)]);
  });
});

describe("settings list element or group entry", () => {
  const aws = {
    account: "111122223333",
    region: "eu-central-1",
    vpc: "vpc-0123456789abcdef0",
    sources: { eks: "sg-0123456789abcdef0" },
  };
  it.each<[string, Record<string, unknown>, string, string]>([
    [
      "an address",
      { aws: { ...aws, notify: ["a@example.com", "dba team"] } },
      'aws.notify[1]: got "dba team"; allowed: a list of e-mail addresses; ',
      "without a recipient",
    ],
    [
      "an id",
      { aws: { ...aws, subnets: ["subnet-0123456789abcdef0", "sn-1"] } },
      'aws.subnets[1]: got "sn-1"; allowed: two or more ids such as subnet-',
      "a stand-by is in another zone",
    ],
    [
      "a list that is too short",
      { aws: { ...aws, subnets: ["subnet-0123456789abcdef0"] } },
      'aws.subnets: got ["subnet-0123456789abcdef0"]; allowed: two or more ids',
      "a stand-by is in another zone",
    ],
    [
      "a name that a group does not allow",
      { aws: { ...aws, sources: { "Eks!": "sg-0123456789abcdef0" } } },
      'aws.sources: got the name "Eks!"; allowed: names with ids of security groups',
      "scanners find an open port",
    ],
    [
      "a service account's name",
      { backups: { bucket: { path: "s3://sark", roles: { Sark_A: "r" } } } },
      'backups.bucket.roles: got the name "Sark_A"; allowed: names of service accounts',
      "need not read the WAL archive",
    ],
    [
      "a string in place of a group",
      { sark: { home: "local", parameters: "fast" } },
      'sark.parameters: got "fast"; allowed: names, each with a string, a number, or true or false; ',
      "the setting is a group of other settings",
    ],
    [
      "a list as a parameter's value",
      { sark: { home: "local", parameters: { work_mem: ["4MB"] } } },
      'sark.parameters.work_mem: got ["4MB"]; allowed: a string, a number, or true or false; ',
      "it is checked",
    ],
    [
      "a list in place of a number",
      { pool: { instances: [{ a: [1] }] } },
      'pool.instances: got [{"a":[1]}]; allowed: a whole number from 1 to 20; ',
      "each instance has its own pools",
    ],
  ])("is rejected with the reason of its list or group: %s", (_, differences, start, reason) => {
    const [problem, ...others] = problems(stack(differences));
    expect(others).toEqual([]);
    expect(problem).toContain(`sark-databases:${start}`);
    expect(problem).toContain(reason);
  });
});

describe("settings value with wrong quotes", () => {
  const version = 'allowed: a version in quotes, such as "1.34"; ';
  it.each<[string, Record<string, unknown>, string]>([
    [
      "a version as a number",
      { kubernetes: { version: 1.34 } },
      `kubernetes.version: got 1.34; ${version}`,
    ],
    ["a version that loses its zero", { kubernetes: { version: 1.3 } }, `got 1.3; ${version}`],
    [
      "a namespace as a number",
      { kubernetes: { namespace: 2026 } },
      "kubernetes.namespace: got 2026; allowed: up to 63 lower-case letters, digits and hyphens, a letter or digit at both ends, in quotes; ",
    ],
    [
      "a StorageClass as a boolean",
      {
        sark: { home: "kubernetes", size: { storage: { class: true } } },
        pool: { enabled: false },
      },
      "got true; allowed: the name of a StorageClass, in quotes; ",
    ],
    [
      "a number as a string",
      { sark: { home: "local", connections: "100" } },
      'got "100"; allowed: a whole number from 10 to 10000, without quotes; ',
    ],
    [
      "a choice of numbers as a string",
      { sark: { home: "kubernetes", majorVersion: "18" }, pool: { enabled: false } },
      'got "18"; allowed: 16, 17 or 18, without quotes; ',
    ],
    [
      "a string that is not a number",
      { sark: { home: "local", connections: "010" } },
      'got "010"; allowed: a whole number from 10 to 10000; each',
    ],
    [
      "a boolean as a string",
      { pool: { enabled: "true" } },
      'got "true"; allowed: true or false, without quotes; ',
    ],
  ])("is rejected with a hint about quotes when needed: %s", (_, differences, told) => {
    expect(problems(stack(differences))).toEqual([expect.stringContaining(told)]);
  });
});

describe("backup schedule", () => {
  const scheduled = (schedule: string) => problems(stack({ backups: { schedule } }));

  it.each([
    "backup every night at two o'clock",
    "0 0 2 * * 7",
    "0 0 2 * * 5-7",
    "0 0 25 * * *",
    "0 60 2 * * *",
    "0 0 2 0 * *",
    "0 0 2 * 13 *",
    "0 0 2 30 2 *",
    "0 0 2 31 4,6 *",
    "0 0 2 L * *",
    "0 0 2 * * 1#2",
    "0 0 2 15W * *",
    "0 0 2 * * FRI-MON",
    "0 /15 2 * * *",
    "0 0 2 * *",
    "0 0 2 * * * 2027",
    "@daily",
    "* * * * * 07",
    "0 0 2 * * 1-7/2",
    "0 0 2,14 * * 1-07",
    "0 0 2 * * 1,07",
    "0 0 2 * * MON-07",
    "0 0 2 * * MON-7/1",
    "0 0 2 31 4 */1",
    "0 0 2 31 2 ?/2",
    "0 0 2 30 2 */2",
    "0 0 2 */31 2 1-5/0",
    "0 0 2 29 2 */6",
    "0 0 2 5-1 * *",
    "0 0 2 * * *-*-*",
    "0 0 2 1/2/3 * *",
    "0 0 , * * *",
    "",
  ])("is rejected when the operator would reject it or it never occurs: %s", (schedule) => {
    const [problem, ...others] = scheduled(schedule);
    expect(others).toEqual([]);
    expect(problem).toContain(
      `sark-databases:backups.schedule: got ${JSON.stringify(schedule)}; allowed: six fields such as 0 0 2 * * *`,
    );
  });

  it.each([
    "0 0 2 * * *",
    "0 0 2 29 2 *",
    "0 30 1 ? * MON-FRI",
    "0 0 2 * jan,JUL 0",
    "00 05 02 1-15/7 * *",
    "0 0/20 * * * *",
    "*/5 * * * * *",
    "0  0 2 * * *",
    "\t0 0 2 * * * ",
    "0 0 2 31 4 1",
    "0 0 2 30 2 1/2",
    "0 0 2 29 2 */1",
    "0 0 2 */30 * MON",
    "0 0 2 1,15 * sun-Tue",
  ])("is accepted: %s", (schedule) => {
    expect(scheduled(schedule)).toEqual([]);
  });
});

describe("CIDR block setting", () => {
  const opened = (block: unknown) =>
    problems(stack({ kubernetes: { egress: { apiServer: [block] } } }));

  it.each(["::/0", "2001:db8::/32", "10.0.0.0/16", "0.0.0.0/0", "10.1.2.3/32", "::1/128"])(
    "is accepted: %s",
    (block) => {
      expect(opened(block)).toEqual([]);
    },
  );

  it.each([
    "10.0.0.0",
    "999.1.2.3/8",
    "010.0.0.0/8",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0/16",
    "0x0a.0.0.0/8",
    "10.0.0.1/8",
    "2001:db8::1/32",
    "2001:db8::/129",
    "fe80::%eth0/64",
    "::ffff:10.0.0.0/104",
    "db.example.com/8",
    " 10.0.0.0/8",
    "",
  ])("is rejected: %s", (block) => {
    expect(opened(block)).toEqual([
      expect.stringContaining(
        `sark-databases:kubernetes.egress.apiServer[0]: got ${JSON.stringify(block)}; allowed: CIDR blocks`,
      ),
    ]);
  });
});

describe("AWS region setting", () => {
  const aws = {
    account: "111122223333",
    vpc: "vpc-0123456789abcdef0",
    sources: { eks: "sg-0123456789abcdef0" },
  };
  const regions = (region: string, second?: string) =>
    problems(
      stack({ aws: { ...aws, region, ...(second ? { secondRegion: { region: second } } : {}) } }),
    );

  it.each([
    ["eu-central-1", "eu-west-1"],
    ["ca-central-1", "ca-west-1"],
    ["us-gov-west-1", "us-gov-east-1"],
    ["cn-north-1", "cn-northwest-1"],
  ])("%s is accepted, with %s as second region", (region, second) => {
    expect(regions(region, second)).toEqual([]);
  });

  it.each([
    ["eu-central-9", undefined, "aws.region"],
    ["eu-central-1", "eu-wset-1", "aws.secondRegion.region"],
    ["eu-central-1", "eu-west-11", "aws.secondRegion.region"],
    ["eu-central-1", "aws-global", "aws.secondRegion.region"],
  ])("is rejected when the region does not exist: %s, %s", (region, second, key) => {
    expect(regions(region, second)).toEqual([
      expect.stringMatching(`sark-databases:${key}: got .* allowed: a region such as eu-central-1`),
    ]);
  });

  it.each([
    ["eu-central-1", "us-gov-west-1"],
    ["us-gov-west-1", "us-east-1"],
    ["cn-north-1", "ap-east-1"],
  ])("of %s rejects the second region %s of another partition", (region, second) => {
    expect(regions(region, second)).toEqual([
      expect.stringContaining(
        `sark-databases:aws.secondRegion.region: got ${second}; allowed: a region of partition aws`,
      ),
    ]);
  });
});

describe("host setting of an external server or a tunnel", () => {
  const external = (host: string) =>
    problems(stack({ audit: { home: "local", external: { host, port: 5432, user: "postgres" } } }));

  it.each(["::1", "2001:db8::5", "fe80::1%eth0", "127.0.0.1", "db.example.com", "/run/postgresql"])(
    "is accepted: %s",
    (host) => {
      expect(external(host)).toEqual([]);
    },
  );

  it("rejects a socket folder for a tunnel, which needs a port", () => {
    const tunnel = { host: "/run/postgresql", port: 5432 };
    expect(problems(stack({ sark: { home: "local", tunnel } }))).toEqual([
      expect.stringContaining('sark.tunnel.host: got "/run/postgresql"; allowed: a host name'),
    ]);
  });

  it.each(["[::1]", "db.example.com:5432", "postgresql://db", "a b", "a,b", "user@db", "db/x"])(
    "is rejected: %s",
    (host) => {
      expect(external(host)).toEqual([
        expect.stringContaining(
          `audit.external.host: got ${JSON.stringify(host)}; allowed: a host name`,
        ),
      ]);
    },
  );
});

it("settings report all problems at once", () => {
  const found = problems({
    sark: { home: "local", connections: 1, colour: "red" },
    audit: { home: "mars" },
    route: "sideways",
    protection: true,
    rotation: 1,
  });
  expect(found).toHaveLength(4);
});
