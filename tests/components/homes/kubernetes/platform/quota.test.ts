import * as fc from "fast-check";
import { objectStore } from "../../../../../components/homes/kubernetes/database/cluster-backups";
import { jobPod } from "../../../../../components/homes/kubernetes/maintenance/job-pods";
import { poolPod } from "../../../../../components/homes/kubernetes/pool/pool-pod";
import {
  createQuota,
  containerLimits,
} from "../../../../../components/homes/kubernetes/platform/quota";
import type { StackSettings } from "../../../../support/parse-settings";
import { clusterStackOf, describedCluster } from "../../../../support/built-cluster";
import {
  type Pod,
  type PodSpec,
  type Resources,
  fits,
  podOf,
  podOfSpec,
  quantity,
} from "../../../../support/pod-demand";
import { kubernetesStack, objectOf, registeredBy } from "../../../../support/registered";

const DATABASES = ["sark", "sark_audit"] as const;

const image = "registry.example.com/sark/timescaledb:18.6-ts2.29.2";
const sizes = fc.record({
  memory: fc.integer({ min: 8, max: 256 }).map((memory) => `${memory}GiB`),
  vcpus: fc.integer({ min: 2, max: 32 }),
  storage: fc.record({ size: fc.integer({ min: 100, max: 4096 }).map((size) => `${size}GiB`) }),
});
const database = fc.record(
  { instances: fc.integer({ min: 1, max: 9 }), size: sizes },
  { requiredKeys: [] },
);
const bucket = { path: "s3://sark-dev-backups", retentionDays: 30 };
/** Recovery needs a bucket. */
const backups = fc.constantFrom(
  { backups: {}, more: {} },
  { backups: { bucket }, more: {} },
  { backups: { bucket }, more: { recovery: { generation: 2 } } },
);
const stacks = fc
  .record({
    sark: database,
    audit: database,
    pool: fc.record({
      enabled: fc.boolean(),
      instances: fc.integer({ min: 1, max: 4 }),
      maxClientConnections: fc.integer({ min: 1000, max: 20_000 }),
      openFiles: fc.constant(65_536),
    }),
    maintenance: fc.record({ enabled: fc.boolean() }),
    chosen: backups,
  })
  .map(({ sark, audit, chosen, ...others }) =>
    kubernetesStack({
      sark: { home: "kubernetes", ...sark, ...chosen.more },
      audit: { home: "kubernetes", image, ...audit },
      backups: chosen.backups,
      application: { tier: "low" },
      ...others,
    }),
  );

it("namespace quota admits the stack's peak demand, and not one server more", async () => {
  await fc.assert(
    fc.asyncProperty(stacks, async (settings) => {
      const hard = await quotaOf(settings);
      const pods = [...servers(settings), ...poolers(settings), ...jobs(settings)];
      expect(fits(hard, pods)).toBe(true);
      const [server] = servers(settings);
      expect(fits(hard, [...pods, ...(server ? [server] : [])])).toBe(false);
    }),
    { numRuns: 60 },
  );
});

it("namespace quota counts only parts on Kubernetes", async () => {
  const changes = { audit: { home: "local" }, pool: { enabled: false } };
  const hard = await quotaOf(kubernetesStack({ ...changes, maintenance: { enabled: false } }));
  expect(hard).toMatchObject({ pods: "2", persistentvolumeclaims: "4" });
});

it("namespace quota forbids load balancers and node ports", async () => {
  const hard = await quotaOf(kubernetesStack());
  expect(hard).toMatchObject({ "services.loadbalancers": "0", "services.nodeports": "0" });
});

describe("limits of a container without resources", () => {
  const limits = limitsOf(kubernetesStack());

  it("set default memory within bounds, and no CPU limit", () => {
    const { default: limit, defaultRequest, max, min } = parsed(limits);
    expect(limit).toEqual({ memory: 512 * 2 ** 20 });
    expect(defaultRequest).toEqual({ cpu: 0.1, memory: 256 * 2 ** 20 });
    // Kubernetes uses the maximum as the default if none is set.
    expect(max).not.toHaveProperty("cpu");
    expect(min?.["memory"]).toBeLessThan(defaultRequest?.["memory"] ?? 0);
  });

  it("admit the largest container of the stack", () => {
    fc.assert(
      fc.property(stacks, (settings) => {
        const { max, min } = parsed(limitsOf(settings));
        const largest = DATABASES.map((database) => settings.servers[database].size.memory);
        const others = [...poolers(settings), ...jobs(settings)];
        for (const memory of largest) expect(memory).toBeLessThanOrEqual(max?.["memory"] ?? 0);
        for (const { memory, memoryLimit } of others) {
          expect(memoryLimit).toBeLessThanOrEqual(max?.["memory"] ?? 0);
          expect(memory).toBeGreaterThanOrEqual(min?.["memory"] ?? Infinity);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/**
 * Peak demand of clusters: one stand-by is rejoining beside the volumes of the one it replaces. The operator gives its
 * own containers the cluster's resources, and the plugin's container those of the object store.
 */
function servers(settings: StackSettings): readonly Pod[] {
  return clusterStackOf(settings).clusters.flatMap(({ database, recovery }) => {
    const { spec } = describedCluster(settings, database);
    const { backups } = settings;
    const sidecar = backups.bucket
      ? [objectStore(database, backups, backups.bucket, "here").spec]
      : [];
    const volumes = [spec.storage?.size, spec.walStorage?.size].map((size) => quantity(size ?? ""));
    const server = podOf(
      [
        spec.resources as unknown as Resources,
        ...sidecar.map(({ instanceSidecarConfiguration: { resources } }) => resources),
      ],
      [],
      volumes,
    );
    const cluster = Array.from({ length: spec.instances + 1 }, () => server);
    // The source cluster of a recovery still exists.
    return recovery ? [...cluster, ...cluster] : cluster;
  });
}

/** Peak demand of the pool, mid-rollout: the old instances are still draining. */
function poolers(settings: StackSettings): readonly Pod[] {
  if (!settings.pool.enabled) return [];
  const { spec } = poolPod({
    settings: settings.pool,
    entries: DATABASES.flatMap((database) => settings.servers[database].entries),
    images: { pool: "pool", exporter: "exporter" },
    authorities: {},
    configMap: "config",
    secret: "logins",
  }) as { spec: PodSpec };
  return Array.from({ length: 2 * settings.pool.instances }, () => podOfSpec(spec));
}

const SERVER = {
  host: "sark-rw",
  port: "5432",
  authority: { secret: "sark-ca", key: "ca.crt" },
  channelBinding: "require",
  hasVerifierTable: false,
} as const;

/** Peak demand of jobs: all at once, after all retries, plus each database's first one started by hand. */
function jobs(settings: StackSettings): readonly Pod[] {
  const { served, store } = clusterStackOf(settings);
  return served.flatMap((database) => {
    const { jobs: planned } = database;
    const byHand = planned
      .filter(({ work }) => work.kind === "restore drill")
      .concat(planned)
      .slice(0, 1);
    return [...planned, ...byHand].map((job) => {
      const context = {
        database,
        plan: settings.servers[database.database],
        store,
        server: SERVER,
        user: "u",
        loginSecret: "s",
        files: "f",
        keysSecret: undefined,
      };
      const pod = podOfSpec(jobPod(job, context) as unknown as PodSpec);
      // A failed attempt has ended; its volume still exists.
      return { ...pod, volumes: Array.from({ length: 1 + job.retries }, () => pod.volumes).flat() };
    });
  });
}

async function quotaOf(settings: StackSettings): Promise<Readonly<Record<string, string>>> {
  const registered = await registeredBy(() => {
    createQuota("quota", clusterStackOf(settings), settings.servers);
  });
  const { spec } = objectOf(registered, "ResourceQuota", "total") as {
    spec: { hard: Readonly<Record<string, string>> };
  };
  return spec.hard;
}

function limitsOf(settings: StackSettings) {
  return containerLimits(clusterStackOf(settings), settings.servers);
}

function parsed(limits: object): Readonly<Record<string, Readonly<Record<string, number>>>> {
  return Object.fromEntries(
    Object.entries(limits as Record<string, unknown>)
      .filter(([, values]) => typeof values === "object")
      .map(([key, values]) => [
        key,
        Object.fromEntries(
          Object.entries(values as Record<string, string>).map(([each, text]) => [
            each,
            quantity(text),
          ]),
        ),
      ]),
  );
}
