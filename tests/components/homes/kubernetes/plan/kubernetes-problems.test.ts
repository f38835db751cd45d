import { DIGEST, refuses, problemsOf, type Case } from "./kubernetes-stack";

const size = (change: object) => ({ memory: "8GiB", vcpus: 4, ...change });
const noBucket = { backups: { bucket: undefined } };

it("settings check accepts a valid stack", () => {
  expect(problemsOf({})).toEqual([]);
});

it("settings check accepts default images without digests when protection is off", () => {
  expect(problemsOf({ protection: false, pool: {}, ...noBucket })).toEqual([]);
});

const places: readonly Case[] = [
  [
    "a namespace of Kubernetes itself",
    { kubernetes: { namespace: "kube-system" } },
    "kubernetes.namespace: got kube-system",
    "not that of Kubernetes itself",
  ],
  [
    "the application's namespace",
    { kubernetes: { namespace: "sark" } },
    "kubernetes.namespace: got sark",
    "not that of the application",
  ],
  [
    "one loopback port for two primaries",
    { kubernetes: { ports: { sark: 25434, audit: 25434 } } },
    "kubernetes.ports.audit: got 25434",
    "a port other than kubernetes.ports.sark",
  ],
  [
    "a port of the local home",
    { kubernetes: { ports: { audit: 15433 } } },
    "kubernetes.ports.audit: got 15433",
    "a port other than local.ports.sarkReplica",
  ],
];

refuses(places);

it("settings check accepts values just inside the limits", () => {
  expect(
    problemsOf({
      sark: {
        instances: 3,
        synchronous: { replicas: 2 },
        recovery: { generation: 3, from: 2, time: "2026-06-01T14:00:00+02:00", oldNames: 3 },
        parameters: { wal_compression: "zstd", default_toast_compression: "lz4" },
        size: size({ storage: { size: "100GiB", wal: "25GiB", class: "fast" } }),
      },
      audit: {
        timescaledb: { version: "2.31.2" },
        image: `registry.example.com/ts:18.7@${DIGEST}`,
      },
      backups: { retentionDays: 28 },
      kubernetes: { version: "1.31", operators: { version: "1.30.0" } },
    }),
  ).toEqual([]);
});

it("settings check refuses lz4 for a server built without it", () => {
  const elsewhere = { home: "aws", parameters: { wal_compression: "lz4" } };
  expect(problemsOf({ sark: elsewhere })).toEqual([
    expect.stringContaining("allowed: pglz, on, off"),
  ]);
});

it("settings check accepts an image for the jobs of a server on RDS", () => {
  const image = `registry.example.com/postgresql:18.6@${DIGEST}`;
  expect(problemsOf({ sark: { home: "aws", image } })).toEqual([]);
});

it("settings check ignores Kubernetes settings of a stack elsewhere", () => {
  const local = { home: "local", image: undefined };
  expect(
    problemsOf({
      sark: local,
      audit: local,
      ...noBucket,
      pool: { instances: 1, image: undefined },
      kubernetes: { version: "1.12", namespace: "default" },
    }),
  ).toEqual([]);
});

const account = {
  account: "111122223333",
  region: "eu-central-1",
  sources: { eks: "sg-0123456789abcdef0" },
  exporter: { enabled: false },
};

refuses([
  [
    "one loopback port for RDS and for the cluster",
    {
      sark: { home: "aws" },
      kubernetes: { ports: { audit: 25434 } },
      aws: { ...account, localPort: 25434 },
    },
    "sark-databases:kubernetes.ports.audit: got 25434",
    "a port other than aws.localPort",
  ],
]);
