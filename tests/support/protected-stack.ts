/** Digests of no image: they are well-formed, and nothing is pulled. */
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** Settings of a stack on Kubernetes with protection, and everything that settings can add. */
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
    image: `registry.example.com/sark/aws-cli:2.31.0@${digest("e")}`,
  },
  "sark-databases:kubernetes": {
    operators: { cloudnativePg: "install", barmanCloud: "install", certManager: "install" },
  },
  "sark-databases:protection": true,
} as const;
