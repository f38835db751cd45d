import { fingerprint } from "../../../../../components/text/fingerprint";
import { parameterFacts } from "../../../../../components/parameters/parameters";
import { rolePlan } from "../../../../../components/roles/plan/role-plan";
import { kubernetesStack } from "../../../../support/registered";
import { type Changes, sark, specOf } from "./cluster-specs";

/** Lists paths whose values differ. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  const isObject = (each: unknown): each is Changes => typeof each === "object" && each !== null;
  if (!isObject(a) || !isObject(b)) return Object.is(a, b) ? [] : [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], path === "" ? key : `${path}.${key}`));
}

describe("servers of a cluster", () => {
  it("become three by changing instances alone, with a disruption budget and spreading", () => {
    const [one, three] = [specOf(), specOf(sark({ instances: 3 }))];
    expect(differences(one, three).sort()).toEqual([
      "enablePDB",
      "inheritedMetadata.annotations.sark-databases/description",
      "instances",
    ]);
    expect(one).toMatchObject({ instances: 1, enablePDB: false });
    expect(three).toMatchObject({ instances: 3, enablePDB: true });
  });

  it("default to the primary plus its stand-bys", () => {
    const availability = (value: string, replicas: number) => ({
      sark: { home: "kubernetes", availability: value, replicas },
    });
    expect(specOf(availability("single", 1)).instances).toBe(2);
    expect(specOf(availability("multi-zone", 1)).instances).toBe(3);
  });

  it("never share a node, and spread over zones as required or preferred", () => {
    const constraint = (availability: string) =>
      specOf(sark({ instances: 3, availability })).topologySpreadConstraints;
    expect(specOf().affinity).toEqual({
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
    });
    const zones = {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      labelSelector: { matchLabels: { "cnpg.io/cluster": "sark" } },
    };
    expect(constraint("multi-zone")).toMatchObject([
      { ...zones, whenUnsatisfiable: "DoNotSchedule" },
    ]);
    expect(constraint("single")).toMatchObject([{ ...zones, whenUnsatisfiable: "ScheduleAnyway" }]);
  });

  it("have limits equal to their requests", () => {
    const size = { memory: "6GiB", vcpus: 1.5, storage: { size: "50GiB", class: "fast" } };
    const { resources, ephemeralVolumesSizeLimit } = specOf(sark({ size }));
    expect(resources?.requests).toEqual({
      cpu: "1500m",
      memory: "6Gi",
      "ephemeral-storage": "3Gi",
    });
    expect(resources?.limits).toEqual(resources?.requests);
    expect(ephemeralVolumesSizeLimit).toEqual({ shm: "1536Mi", temporaryData: "2Gi" });
  });

  it("have a data and a WAL volume of the configured StorageClass", () => {
    const size = (storage: Changes) => sark({ size: { memory: "8GiB", vcpus: 4, storage } });
    expect(specOf(size({ size: "60GiB", wal: "24GiB", class: "fast" }))).toMatchObject({
      storage: { size: "60Gi", storageClass: "fast" },
      walStorage: { size: "24Gi", storageClass: "fast" },
    });
    expect(specOf(size({ size: "60GiB", wal: "24GiB" })).storage).toEqual({ size: "60Gi" });
  });
});

describe("cluster spec", () => {
  it("keeps the operator's metric queries and adds the project's, unless monitoring is off", () => {
    expect(specOf().monitoring?.customQueriesConfigMap).toEqual([
      { name: "cnpg-default-monitoring", key: "queries" },
      { name: "sark-metrics", key: "queries" },
    ]);
    const { monitoring } = specOf({ monitoring: { enabled: false } });
    expect(monitoring).toEqual({ tls: { enabled: true } });
  });

  it("enables the operator's security features", () => {
    for (const database of ["sark", "sark_audit"] as const) {
      expect(specOf({}, database)).toMatchObject({
        enableSuperuserAccess: false,
        seccompProfile: { type: "RuntimeDefault" },
        monitoring: { tls: { enabled: true } },
        postgresql: { parameters: { ssl_min_protocol_version: "TLSv1.3" } },
        bootstrap: { initdb: { dataChecksums: true } },
        replicationSlots: { highAvailability: { enabled: true } },
      });
    }
  });

  it("passes computed parameters as strings, and libraries in a separate list", () => {
    const settings = kubernetesStack();
    for (const database of ["sark", "sark_audit"] as const) {
      const { postgresql } = specOf({}, database);
      const computed = settings.servers[database].parameters;
      for (const name of ["shared_buffers", "max_connections", "work_mem"]) {
        const setting = computed.find((each) => each.name === name)?.setting;
        expect(postgresql?.parameters?.[name]).toBe(setting);
      }
      expect(postgresql?.shared_preload_libraries).toEqual([...settings.servers[database].preload]);
      expect(postgresql?.parameters).not.toHaveProperty("shared_preload_libraries");
    }
  });

  it("sets parameters of pg_stat_statements, so that the operator keeps the extension", () => {
    for (const database of ["sark", "sark_audit"] as const) {
      expect(rolePlan(database, 1).extensions).toContain("pg_stat_statements");
      const names = Object.keys(specOf({}, database).postgresql?.parameters ?? {});
      expect(names).toContainEqual(expect.stringMatching(/^pg_stat_statements\./));
    }
  });

  it("enables synchronous replication when configured", () => {
    const synchronous = (more: Changes) =>
      specOf(sark({ instances: 3, synchronous: more })).postgresql?.synchronous;
    expect(synchronous({})).toBeUndefined();
    expect(synchronous({ replicas: 2 })).toEqual({
      method: "any",
      number: 2,
      dataDurability: "required",
      failoverQuorum: true,
    });
    expect(synchronous({ replicas: 1, durability: "preferred" })).toMatchObject({
      dataDurability: "preferred",
      failoverQuorum: false,
    });
  });

  it("allows changing the image and the parameters together", () => {
    expect(specOf()).toMatchObject({
      primaryUpdateMethod: "restart",
      primaryUpdateStrategy: "unsupervised",
    });
  });

  it("stops servers within a node drain's time limit, after letting a statement end", () => {
    const { smartShutdownTimeout = 0, stopDelay = 0, switchoverDelay = 0 } = specOf();
    expect(smartShutdownTimeout).toBeGreaterThan(0);
    expect(smartShutdownTimeout).toBeLessThan(30);
    expect(switchoverDelay).toBeLessThanOrEqual(stopDelay);
    expect(stopDelay).toBeLessThan(15 * 60);
  });

  it("fails over immediately, not because of brief load, and stops an isolated primary", () => {
    const { failoverDelay = 0, probes, livenessProbeTimeout, affinity } = specOf();
    expect(failoverDelay).toBe(0);
    expect(probes?.readiness).toBeUndefined();
    expect(probes?.liveness?.isolationCheck?.enabled ?? true).toBe(true);
    // The operator's default is 30 s: a lost primary's node is given up after 40 s at the earliest.
    expect(livenessProbeTimeout ?? 30).toBeLessThan(40);
    expect(affinity?.tolerations).toBeUndefined();
  });

  it("contains only parameters of its PostgreSQL major version", () => {
    for (const majorVersion of [16, 17, 18] as const) {
      const { parameters } = specOf(sark({ majorVersion })).postgresql ?? {};
      for (const name of Object.keys(parameters ?? {})) {
        expect(parameterFacts(majorVersion, name).name).toBe(name);
      }
    }
  });
});

it("fingerprint does not depend on the order of keys", () => {
  expect(fingerprint({ a: [1, { b: 2, c: 3 }], d: null })).toBe(
    fingerprint({ d: null, a: [1, { c: 3, b: 2 }] }),
  );
  expect(fingerprint({ a: [1, 2] })).not.toBe(fingerprint({ a: [2, 1] }));
});
