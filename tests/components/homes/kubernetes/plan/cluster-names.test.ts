import fc from "fast-check";
import {
  POOL_NAME,
  clusterName,
  clusterNames,
  serviceHost,
} from "../../../../../components/homes/kubernetes/plan/cluster-names";
import { MAINTENANCE } from "../../../../../components/maintenance/plan/maintenance-plan";
import { kubernetesSettings } from "../../../../../components/homes/kubernetes/plan/settings-kubernetes";
import type { NamedCluster } from "../../../../../components/homes/kubernetes/plan/cluster-stack";
import { clusteredIn } from "../../../../support/built-cluster";
import { stackOf } from "./kubernetes-stack";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** CloudNativePG's name limit, since it derives names of pods, volumes and jobs. */
const LONGEST_CLUSTER = 50;
/** A CronJob adds eleven characters to the names of its Jobs. */
const LONGEST_CRON_JOB = 52;
const LONGEST_HOST = 253;

const namespaces = fc.stringMatching(LABEL);
const stacks = fc.record({
  namespace: namespaces,
  generation: fc.integer({ min: 2, max: 1000 }),
});

it("derived names stay within their limits for any namespace and generation", () => {
  fc.assert(
    fc.property(stacks, ({ namespace, generation }) => {
      for (const database of ["sark", "sark_audit"] as const) {
        const { servers, ...names } = clusterNames({ database, recovery: { generation } });
        expect(`${names.cluster}-1000`).toMatch(new RegExp(`^${servers}$`));
        expect(names.cluster.length).toBeLessThanOrEqual(LONGEST_CLUSTER);
        // Longest suffixes of the operator: pod number, WAL volume, first job.
        const derived = [`${names.cluster}-1000-wal`, `${names.cluster}-1000-full-recovery`];
        for (const name of [...Object.values<string>({ ...names }), ...derived])
          expect(name).toMatch(LABEL);
        for (const { name } of MAINTENANCE) {
          const job = `${names.cluster}-${name}`;
          expect(job).toMatch(LABEL);
          expect(job.length).toBeLessThanOrEqual(LONGEST_CRON_JOB);
        }
        for (const service of [names.primary, names.replicas, POOL_NAME]) {
          const host = `${serviceHost(service, namespace)}.cluster.local`;
          expect(host.length).toBeLessThanOrEqual(LONGEST_HOST);
          for (const part of host.split(".")) expect(part).toMatch(LABEL);
        }
      }
    }),
  );
});

describe("cluster name", () => {
  const DATABASES = ["sark", "sark_audit"] as const;
  const named = (
    recovery: NonNullable<NamedCluster["recovery"]>,
    generation: number,
    database: "sark" | "sark_audit" = "sark",
  ) => clusterName({ database, recovery }, generation);

  it("never equals a pod name of any cluster", () => {
    const generations = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(generations, generations, fc.nat(), (one, other, serial) => {
        const recovery = { generation: 1000 };
        const names = DATABASES.map((database) => named(recovery, one, database));
        const pods = DATABASES.map((database) => `${named(recovery, other, database)}-${serial}`);
        expect(pods.filter((pod) => names.includes(pod))).toEqual([]);
      }),
    );
  });

  it("ends in g and the generation after a recovery, and is plain for the first cluster", () => {
    expect(named({ generation: 2 }, 2)).toBe("sark-g2");
    expect(named({ generation: 2 }, 1)).toBe("sark");
    expect(named({ generation: 12 }, 12, "sark_audit")).toBe("sark-audit-g12");
  });

  it("has no g up to generation oldNames", () => {
    const recovery = { generation: 5, oldNames: 3 };
    expect([1, 2, 3, 4, 5].map((generation) => named(recovery, generation))).toEqual([
      "sark",
      "sark-2",
      "sark-3",
      "sark-g4",
      "sark-g5",
    ]);
  });

  it("has the old form only in the database with oldNames", () => {
    const settings = stackOf({
      sark: { recovery: { generation: 2, oldNames: 2 } },
      audit: { recovery: { generation: 2 } },
    });
    expect(
      DATABASES.map((database) => clusterNames(clusteredIn(settings, database)).primary),
    ).toEqual(["sark-2-rw", "sark-audit-g2-rw"]);
  });
});

it.each(["n".repeat(64), "", "-a", "a-", "Sark", "a.b", "a_b"])(
  "settings refuse namespace %p",
  (namespace) => {
    expect(kubernetesSettings.safeParse({ namespace }).success).toBe(false);
  },
);
