import { DIGEST, refuses } from "./kubernetes-stack";

const audit = (change: object) => ({ audit: change });
const sark = (change: object) => ({ sark: change });

const onAws = {
  sark: { home: "aws" },
  route: "port-forward",
} as const;
const aws = (image: string) => ({
  account: "111122223333",
  region: "eu-central-1",
  sources: { eks: "sg-0123456789abcdef0" },
  gateway: { image },
  exporter: { image: `registry.example.com/sql-exporter:0.24.6@${DIGEST}` },
});

refuses([
  [
    "a gateway image without a digest in a protected stack",
    { ...onAws, aws: aws("registry.example.com/haproxy:3.2.23") },
    "sark-databases:aws.gateway.image: got registry.example.com/haproxy:3.2.23",
    "@sha256:",
  ],
  [
    "an exporter image of RDS without a digest in a protected stack",
    { ...onAws, aws: { ...aws(`registry.example.com/haproxy:3.2.23@${DIGEST}`), exporter: {} } },
    "sark-databases:aws.exporter.image: got docker.io/burningalchemist/sql_exporter:",
    ", the default",
  ],
  [
    "a job image of another major version than the RDS server",
    { ...onAws, sark: { ...onAws.sark, image: `registry.example.com/postgresql:17.1@${DIGEST}` } },
    "sark-databases:sark.image: got registry.example.com/postgresql:17.1",
    "begins with 18",
  ],
  [
    "an image of the AWS CLI for the backup storage",
    { maintenance: { image: `public.ecr.aws/aws-cli/aws-cli:2.31.0@${DIGEST}` } },
    "maintenance.image: got public.ecr.aws/aws-cli/aws-cli:2.31.0",
    "does not have",
  ],
  [
    "an audit database without an image",
    audit({ image: undefined }),
    "sark-databases:audit.image: got nothing",
    "Timescale licence",
    "images/timescaledb/Dockerfile",
  ],
  [
    "the operator's own image for the audit database",
    audit({ image: `ghcr.io/cloudnative-pg/postgresql:18.6-standard-trixie@${DIGEST}` }),
    "audit.image: got ghcr.io/cloudnative-pg/postgresql:18.6",
    "has no TimescaleDB",
  ],
  [
    "the operator's extension image",
    audit({ image: `ghcr.io/cloudnative-pg/timescaledb-oss:18-2.29.2@${DIGEST}` }),
    "audit.image: got ghcr.io/cloudnative-pg/timescaledb-oss",
    "the Apache build",
    "migrations would fail",
  ],
  [
    "the vendor's Apache build",
    audit({ image: `docker.io/timescale/timescaledb:18.6-2.29.2-oss@${DIGEST}` }),
    "audit.image: got docker.io/timescale/timescaledb",
    "the Apache build",
  ],
  [
    "a TimescaleDB version other than in the settings",
    audit({ image: `registry.example.com/timescaledb:18.6-ts2.30.0@${DIGEST}` }),
    "audit.image: got",
    "TimescaleDB 2.29.2 (audit.timescaledb.version)",
  ],
  [
    "an image of another major version",
    sark({ image: `ghcr.io/cloudnative-pg/postgresql:17.11-standard-trixie@${DIGEST}` }),
    "sark.image: got ghcr.io/cloudnative-pg/postgresql:17.11",
    "a tag that begins with 18",
    "treat it as an upgrade",
  ],
  [
    "a server image whose tag names no version",
    sark({ image: `registry.example.com/postgresql:stable@${DIGEST}` }),
    "sark.image: got",
    "a tag that begins with 18",
    "reads the server's version from the tag",
  ],
  [
    "the tag latest",
    sark({ image: `ghcr.io/cloudnative-pg/postgresql:latest@${DIGEST}` }),
    "sark.image: got",
    "a tag that names a version",
    "depend on when the image was pulled",
  ],
  [
    "a server image without a digest",
    sark({ image: "ghcr.io/cloudnative-pg/postgresql:18.6-standard-trixie" }),
    "sark.image: got ghcr.io/cloudnative-pg/postgresql:18.6-standard-trixie; ",
    "digest appended",
    "in sark.image",
    "the stack is protected",
  ],
  [
    "a default image without a digest",
    { pool: { image: undefined } },
    "pool.image: got ghcr.io/cloudnative-pg/pgbouncer:",
    ", the default",
    "in pool.image",
  ],
  [
    "an exporter image without a digest",
    { pool: { exporterImage: "quay.io/prometheuscommunity/pgbouncer-exporter:v0.12.1" } },
    "pool.exporterImage: got quay.io",
    "digest appended",
  ],
  [
    "an image for dumps without a digest",
    { maintenance: { image: "ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar:v0.15.0" } },
    "maintenance.image: got ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar:v0.15.0",
    "digest appended",
  ],
  [
    "a PgBouncer with known vulnerabilities",
    { pool: { image: `ghcr.io/cloudnative-pg/pgbouncer:1.25.2@${DIGEST}` } },
    "pool.image: got",
    "PgBouncer 1.26.1 or newer",
    "CVE-2026-107350",
  ],
]);
