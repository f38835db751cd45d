import type * as pulumi from "@pulumi/pulumi";
import { type BuiltPool, type Tree, buildPool, podLabels } from "./built-pool";

let built: BuiltPool;

beforeAll(async () => {
  built = await buildPool();
});

describe("PgBouncer instances", () => {
  it("have the configured number, are replaced one at a time, and never share a node", () => {
    const spec = built.deployment;
    expect(spec).toMatchObject({
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      selector: { matchLabels: podLabels },
      revisionHistoryLimit: 1,
      minReadySeconds: 10,
    });
    expect(built.pod).toMatchObject({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: podLabels }, topologyKey: "kubernetes.io/hostname" },
          ],
        },
      },
      topologySpreadConstraints: [
        {
          labelSelector: { matchLabels: podLabels },
          maxSkew: 1,
          topologyKey: "topology.kubernetes.io/zone",
          whenUnsatisfiable: "ScheduleAnyway",
        },
      ],
    });
    expect(spec["template"]).toMatchObject({ metadata: { labels: podLabels } });
  });

  it("are replaced 30 seconds after their node is lost", () => {
    expect(built.pod["tolerations"]).toEqual(
      ["not-ready", "unreachable"].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 30,
      })),
    );
  });

  it("have a grace period for the longest statement, within the rollout deadline", () => {
    const { preStop } = built.container("pgbouncer")["lifecycle"] as { preStop: Tree };
    expect(preStop).toEqual({ sleep: { seconds: 10 } });
    const { terminationGracePeriodSeconds: grace } = built.pod;
    // sark_readonly's statements may take 5 minutes.
    expect(grace).toBe(10 + 300 + 20);
    expect(built.deployment["progressDeadlineSeconds"]).toBeGreaterThan(Number(grace));
  });

  it("run unprivileged, without API token, capabilities or a writable root file system", () => {
    expect(built.pod).toMatchObject({
      serviceAccountName: "pgbouncer",
      automountServiceAccountToken: false,
      hostIPC: false,
      hostNetwork: false,
      hostPID: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const name of ["pgbouncer", "exporter"]) {
      expect(built.container(name)["securityContext"]).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      });
    }
    expect(built.object("ServiceAccount", "pgbouncer")).toMatchObject({
      automountServiceAccountToken: false,
    });
  });

  it("use the console's socket for liveness and the port for readiness", () => {
    const { livenessProbe, readinessProbe } = built.container("pgbouncer") as Record<string, Tree>;
    expect(readinessProbe?.["tcpSocket"]).toEqual({ port: 6432 });
    const { command } = livenessProbe?.["exec"] as { command: string[] };
    expect(command.slice(0, 2)).toEqual(["pg_isready", "-q"]);
    expect(command.join(" ")).toMatch(/-h \/run\/pgbouncer -p 6432 -U pgbouncer -d pgbouncer$/);
    expect(built.container("exporter")).toMatchObject({
      livenessProbe: { httpGet: { path: "/", port: 9127 } },
      readinessProbe: { tcpSocket: { port: 9127 } },
    });
  });

  it("have memory for all their possible connections, and not more", async () => {
    const small = resourcesOf(built.container("pgbouncer"));
    expect(small.limits).toMatchObject({ memory: small.requests["memory"], cpu: "1" });
    expect(small.limits["ephemeral-storage"]).toBeDefined();
    expect(mebibytes(small.limits["memory"])).toBeGreaterThan(64 + (1000 * 40) / 1024);
    const large = await buildPool({ changes: { pool: { maxClientConnections: 3000 } } });
    const grown = resourcesOf(large.container("pgbouncer")).limits["memory"];
    const more = mebibytes(grown) - mebibytes(small.limits["memory"]);
    expect(more).toBeGreaterThanOrEqual((2000 * 40) / 1024 - 32);
    expect(more).toBeLessThanOrEqual((2000 * 40) / 1024 + 32);
  });

  it("use the configured open-file limit and images", async () => {
    const images = { image: "registry.example.com/pgbouncer:1.26.3", openFiles: 8192 };
    const own = await buildPool({ changes: { pool: images } });
    expect(own.container("pgbouncer")).toMatchObject({
      image: images.image,
      command: ["/bin/sh", "/etc/pgbouncer/config/pgbouncer-start.sh"],
      args: [
        "/etc/pgbouncer/config/pgbouncer.ini",
        "8192",
        "30",
        "/etc/pgbouncer/authorities",
        "/etc/pgbouncer/certificate",
        "/run/pgbouncer/authorities.crt",
      ],
    });
    expect(built.container("pgbouncer")["image"]).toMatch(/\/pgbouncer:1\.26/);
    expect(built.container("exporter")["image"]).toMatch(/pgbouncer-exporter:v0\.12/);
  });
});

describe("PgBouncer exporter", () => {
  it("has no admin access to PgBouncer: own user, read-only socket, own login", () => {
    const exporter = built.container("exporter");
    const [own, poolUser] = [exporter, built.container("pgbouncer")].map(
      (each) => (each["securityContext"] as Tree)["runAsUser"],
    );
    expect(own).not.toBe(poolUser);
    expect(exporter["volumeMounts"]).toContainEqual({
      name: "run",
      mountPath: "/run/pgbouncer",
      readOnly: true,
    });
    expect(built.ini).toMatch(/^admin_users =$/m);
    expect(built.ini).toMatch(/^stats_users = pool_stats$/m);
    expect(built.ini).toMatch(/^ignore_startup_parameters = extra_float_digits$/m);
  });

  it("reads its password from a file that no other container mounts", () => {
    expect(built.container("exporter")["args"]).toEqual(["@/etc/exporter/exporter.args"]);
    expect(built.container("exporter")).not.toHaveProperty("command");
    expect(built.container("exporter")).not.toHaveProperty("env");
    expect(built.container("exporter")).not.toHaveProperty("envFrom");
    expect(built.volume("exporter")).toMatchObject({
      secret: { items: [{ key: "exporter.args", path: "exporter.args" }], defaultMode: 0o440 },
    });
    expect(built.volume("logins")).toMatchObject({
      secret: { items: [{ key: "userlist.txt", path: "userlist.txt" }], defaultMode: 0o440 },
    });
    const mounts = (name: string) =>
      (built.container(name)["volumeMounts"] as Tree[]).map((each) => each["name"]);
    expect(mounts("exporter")).toEqual(["exporter", "run"]);
    expect(mounts("pgbouncer")).not.toContain("exporter");
  });

  it("has a PodMonitor unless monitoring is off", async () => {
    expect(built.object("PodMonitor", "pgbouncer")["spec"]).toMatchObject({
      selector: { matchLabels: podLabels },
      podMetricsEndpoints: [
        {
          port: "metrics",
          relabelings: [
            { targetLabel: "stack", replacement: "test" },
            { targetLabel: "database", replacement: "pool" },
            { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "server" },
          ],
          metricRelabelings: [
            { sourceLabels: ["exported_database"], targetLabel: "entry" },
            { sourceLabels: ["name"], regex: "(.+)", targetLabel: "entry" },
            { action: "labeldrop", regex: "exported_database" },
            { regex: "pgbouncer_stats_totals_(.+)", replacement: "pgbouncer_stats_$1" },
          ],
        },
      ],
    });
    expect(built.container("exporter")["ports"]).toEqual([
      { name: "metrics", containerPort: 9127, protocol: "TCP" },
    ]);
    const off = await buildPool({ changes: { monitoring: { enabled: false } } });
    expect(() => off.object("PodMonitor", "pgbouncer")).toThrow(/no PodMonitor pgbouncer/);
  });
});

describe("objects around PgBouncer", () => {
  it("the Service routes to the instances", async () => {
    expect(built.object("Service", "pgbouncer")["spec"]).toEqual({
      type: "ClusterIP",
      selector: podLabels,
      ports: [{ name: "pgbouncer", port: 6432, targetPort: 6432, protocol: "TCP" }],
    });
    expect(await value(built.pool?.host)).toBe("pgbouncer.sark-databases.svc");
    expect(await value(built.pool?.port)).toBe(6432);
    expect(await value(built.pool?.running)).toBe(true);
  });

  it("the disruption budget allows one eviction at a time, and always an unready pod's", () => {
    expect(built.object("PodDisruptionBudget", "pgbouncer")["spec"]).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: podLabels },
    });
  });
});

function resourcesOf(from: Tree) {
  return from["resources"] as Record<"requests" | "limits", Tree>;
}

function mebibytes(quantity: unknown): number {
  const [, number] = /^(\d+)Mi$/.exec(String(quantity)) ?? [];
  expect(number).toBeDefined();
  return Number(number);
}

function value<T>(output: pulumi.Output<T> | undefined): Promise<T> {
  return new Promise((resolve) => output?.apply(resolve));
}
