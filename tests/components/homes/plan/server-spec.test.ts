import { planServers } from "../../../../components/homes/plan/stack-plan";
import { homeOf, poolSpec } from "../../../../components/homes/plan/registry";
import { parseSettings } from "../../../support/parse-settings";

const GiB = 2 ** 30;
const SHARE = { memory: 3 * GiB, vcpus: 2 };

const NETWORK = {
  vpc: "vpc-0123456789abcdef0",
  subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  sources: { eks: "sg-0123456789abcdef0" },
};

const AWS = {
  account: "111122223333",
  region: "eu-central-1",
  ...NETWORK,
  secondRegion: { region: "eu-west-1", replica: NETWORK },
};

const LOCAL = {
  sark: { home: "local" },
  audit: { home: "local" },
  route: "direct",
  protection: false,
  rotation: 1,
};

const CLUSTERED = {
  ...LOCAL,
  audit: {
    home: "kubernetes",
    availability: "multi-zone",
    size: { memory: "16GiB", vcpus: 4, storage: { size: "1TiB", class: "fast", wal: "64GiB" } },
    image:
      "registry.example.com/sark/timescaledb:18.6-ts2.29.2@sha256:1111111111111111111111111111111111111111111111111111111111111111",
  },
  sark: {
    home: "aws",
    availability: "multi-zone",
    replicas: 2,
    size: { memory: "32GiB", vcpus: 8, storage: { size: "500GiB", kind: "san" } },
    rds: { replica: { instanceClass: "db.r8g.2xlarge" } },
  },
  backups: { retentionDays: 21, bucket: { path: "s3://sark-backups", retentionDays: 23 } },
  route: "port-forward",
  aws: AWS,
};

function runs(raw: object, changes: object = {}) {
  const settings = parseSettings({ ...raw, ...changes });
  const servers = planServers(settings, SHARE);
  return {
    sark: homeOf(settings, "sark").serverSpec(settings, "sark", servers.sark),
    audit: homeOf(settings, "sark_audit").serverSpec(settings, "sark_audit", servers.sark_audit),
    pool: poolSpec(settings),
  };
}

it("a local database runs on its share of this machine", () => {
  expect(runs(LOCAL)).toEqual({
    sark: { ...SHARE, standBys: 0, replicas: 1 },
    // The embedded TimescaleDB takes no size.
    audit: { standBys: 0, replicas: 0 },
    pool: { home: "local", instances: 1 },
  });
});

it("databases on RDS and on Kubernetes have their machines, and numbers of servers", () => {
  expect(runs(CLUSTERED, { pool: { instances: 3 } })).toEqual({
    sark: {
      class: "db.m8g.2xlarge",
      replicaClass: "db.r8g.2xlarge",
      vcpus: 8,
      memory: 32 * GiB,
      storage: { size: 500 * GiB, kind: "gp3", maximum: 1000 * GiB, iops: 12_000, throughput: 500 },
      standBys: 1,
      // Two in the region, and one in the other.
      replicas: 3,
      zones: 2,
    },
    audit: {
      vcpus: 4,
      memory: 16 * GiB,
      storage: { size: 1024 * GiB, kind: "fast", wal: 64 * GiB },
      standBys: 0,
      replicas: 2,
      zones: 2,
    },
    pool: { home: "kubernetes", instances: 3 },
  });
});

it("a small RDS volume has its base speed, and replicas like the primary have no class of their own", () => {
  const sark = { home: "aws", availability: "single", size: { storage: { size: "100GiB" } } };
  const { sark: found } = runs(CLUSTERED, { sark });
  expect(found).toMatchObject({
    storage: { size: 100 * GiB, iops: 3000, throughput: 125 },
    standBys: 0,
    zones: 1,
  });
  expect(found).not.toHaveProperty("replicaClass");
});
