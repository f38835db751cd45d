/** Well-formed digests of no image; nothing is pulled. */
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** Settings of a stack on Kubernetes with protection and every optional part. */
export const PROTECTED_STACK = {
  "sark-databases:sark": {
    home: "kubernetes",
    instances: 3,
    image: `registry.example.com/sark/postgresql:18.6@${digest("a")}`,
    synchronous: { replicas: 1, durability: "required" },
    size: { memory: "16GiB", vcpus: 4, storage: { size: "200GiB", class: "fast", wal: "64GiB" } },
  },
  "sark-databases:audit": {
    home: "kubernetes",
    availability: "multi-zone",
    image: `registry.example.com/sark/sark-timescaledb:18.6-ts2.29.2@${digest("b")}`,
    recovery: { generation: 2, time: "2026-01-02T03:04:05Z" },
  },
  "sark-databases:pool": {
    instances: 3,
    image: `registry.example.com/sark/pgbouncer:1.26.1@${digest("c")}`,
    exporterImage: `registry.example.com/sark/pgbouncer-exporter:v0.12.1@${digest("d")}`,
  },
  "sark-databases:maintenance": {
    image: `registry.example.com/sark/plugin-barman-cloud-sidecar:v0.15.0@${digest("e")}`,
  },
  "sark-databases:kubernetes": {
    operators: { cloudnativePg: "install", barmanCloud: "install", certManager: "install" },
  },
  "sark-databases:protection": true,
} as const;

/** Changes to the stack prod: every optional part on AWS. */
export const AWS_STACK = {
  "sark-databases:sark": {
    home: "aws",
    availability: "multi-zone",
    replicas: 2,
    size: { memory: "64GiB", vcpus: 16, storage: { size: "1TiB", kind: "san" } },
    recovery: { generation: 2, time: "2026-01-02T03:04:05Z" },
    rds: {
      storage: { iops: 20_000, throughput: 1000, maximum: "4TiB" },
      monitoringSeconds: 1,
      insightsDays: 731,
      replica: { instanceClass: "db.m7g.4xlarge" },
    },
  },
  "sark-databases:aws": {
    account: "111122223333",
    region: "eu-central-1",
    vpc: "vpc-0123456789abcdef0",
    subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
    sources: { eks: "sg-0123456789abcdef0", bastion: "sg-0123456789abcdef1" },
    cluster: {
      name: "sark-prod",
      identity: "irsa",
      issuer: `oidc.eks.eu-central-1.amazonaws.com/id/${"0A1B2C3D".repeat(4)}`,
    },
    exporter: { image: `registry.example.com/sark/sql-exporter:0.24.6@${digest("f")}` },
    notify: ["databases@example.com", "on-call@example.com"],
    logRetentionDays: 3653,
    secondRegion: {
      region: "eu-west-1",
      replica: {
        vpc: "vpc-0fedcba9876543210",
        subnets: ["subnet-0fedcba9876543210", "subnet-0fedcba9876543211"],
        sources: { eks: "sg-0fedcba9876543210" },
      },
    },
  },
} as const;

/** Changes to the stack prod: no optional part on AWS. */
export const SMALL_AWS_STACK = {
  "sark-databases:sark": {
    home: "aws",
    availability: "single",
    size: { memory: "8GiB", vcpus: 2, storage: { size: "20GiB", kind: "ssd" } },
  },
  "sark-databases:backups": { retentionDays: 7 },
  "sark-databases:application": { tier: "low", maxPods: 1 },
  "sark-databases:protection": false,
  "sark-databases:aws": {
    account: "111122223333",
    region: "eu-central-1",
    vpc: "vpc-0123456789abcdef0",
    subnetTags: { tier: "database" },
    sources: { eks: "sg-0123456789abcdef0" },
    exporter: { enabled: false },
  },
} as const;
