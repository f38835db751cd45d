import { refuses } from "./kubernetes-stack";

const audit = (change: object) => ({ audit: change });
const sark = (change: object) => ({ sark: change });
const size = (change: object) => ({ memory: "8GiB", vcpus: 4, ...change });

refuses([
  [
    "too little memory for the connections",
    sark({ connections: 1000, size: size({ memory: "2GiB" }) }),
    "sark: memory: got 2048 MB for 1000 connections",
    "allowed: at least",
    "shared_buffers 512 MB",
  ],
  [
    "too little memory for user-set parameters",
    sark({ parameters: { shared_buffers: "6GB" }, size: size({}) }),
    "sark.size.memory: got 8192 MB for 200 connections with shared_buffers 6GB",
    "allowed: at least",
    "shared_buffers 6144 MB + other shared memory",
    "above its memory limit Kubernetes kills it",
  ],
  [
    "too little memory for a user-set work_mem",
    audit({ parameters: { Work_Mem: "64MB" }, size: size({}) }),
    "audit.size.memory: got 8192 MB for 200 connections with Work_Mem 64MB",
    "executing processes x work_mem x 2",
  ],
  [
    "a WAL volume smaller than twice max_wal_size",
    sark({
      parameters: { max_wal_size: "8GB", max_slot_wal_keep_size: "1GB" },
      size: size({ storage: { size: "100GiB", wal: "15GiB" } }),
    }),
    "sark.size.storage.wal: got 15360 MB",
    "at least 16384 MB",
    "twice max_wal_size 8192 MB",
    "a full volume stops the server",
  ],
  [
    "a WAL volume that stand-bys may fill",
    audit({
      parameters: { max_slot_wal_keep_size: "40GB" },
      size: size({ storage: { size: "100GiB", wal: "20GiB" } }),
    }),
    "audit.size.storage.wal: got 20480 MB",
    "max_wal_size 4096 MB + 40960 MB kept for stand-bys",
  ],
  [
    "a data volume smaller than twice max_wal_size",
    sark({ parameters: { max_wal_size: "6GB" }, size: size({ storage: { size: "10GiB" } }) }),
    "sark.size.storage.size: got 10240 MB",
    "at least 12288 MB",
    "2 x max_wal_size 6144 MB",
  ],
  [
    "a min_wal_size equal to max_wal_size",
    sark({ parameters: { min_wal_size: "4GB" } }),
    "sark.parameters.min_wal_size: got 4096 MB",
    "less than max_wal_size (4096 MB)",
  ],
  [
    "more synchronous replicas than stand-bys",
    sark({ instances: 2, synchronous: { replicas: 2 } }),
    "sark.instances: got 2",
    "at least 3, with synchronous.replicas 2",
    "a primary cannot confirm its own commits",
  ],
  [
    "synchronous replication without a stand-by",
    audit({ synchronous: { replicas: 1 } }),
    "audit.instances: got 1",
    "at least 2",
  ],
  [
    "one PgBouncer in a protected stack",
    { pool: { instances: 1 } },
    "pool.instances: got 1",
    "2 or more",
    "draining its node",
  ],
]);
