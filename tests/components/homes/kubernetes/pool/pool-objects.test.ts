import type * as pulumi from "@pulumi/pulumi";
import { type BuiltPool, type Tree, buildPool, podLabels } from "./built-pool";

let built: BuiltPool;

beforeAll(async () => {
  built = await buildPool();
});

describe("the pool's instances", () => {
  it("are as many as the settings say, replaced one at a time and never two on a node", () => {
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

  it("are replaced half a minute after their node is lost, not five minutes", () => {
    expect(built.pod["tolerations"]).toEqual(
      ["not-ready", "unreachable"].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 30,
      })),
    );
  });

  it("have time for the longest statement, within the time that a rollout is given", () => {
    const { preStop } = built.container("pgbouncer")["lifecycle"] as { preStop: Tree };
    expect(preStop).toEqual({ sleep: { seconds: 10 } });
    const { terminationGracePeriodSeconds: grace } = built.pod;
    // sark_readonly's statements may take 5 minutes.
    expect(grace).toBe(10 + 300 + 20);
    expect(built.deployment["progressDeadlineSeconds"]).toBeGreaterThan(Number(grace));
  });

  it("run as nobody, with no token, capability or file system to write to", () => {
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

  it("are asked for life in another way than for readiness, at the console's socket", () => {
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

  it("have memory for every connection that they may hold, and none beyond", async () => {
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

  it("start with the limit of open files, and the images, that the settings name", async () => {
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

describe("the exporter", () => {
  it("is no administrator of PgBouncer: another user, a socket it cannot replace, a login of its own", () => {
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

  it("finds its password in a file that no other container has", () => {
    expect(built.container("exporter")["args"]).toEqual(["@/etc/exporter/exporter.args"]);
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

  it("is found by Prometheus, unless monitoring is off", async () => {
    expect(built.object("PodMonitor", "pgbouncer")["spec"]).toMatchObject({
      selector: { matchLabels: podLabels },
      podMetricsEndpoints: [{ port: "metrics" }],
    });
    expect(built.container("exporter")["ports"]).toEqual([
      { name: "metrics", containerPort: 9127, protocol: "TCP" },
    ]);
    const off = await buildPool({ changes: { monitoring: { enabled: false } } });
    expect(() => off.object("PodMonitor", "pgbouncer")).toThrow(/no PodMonitor pgbouncer/);
  });
});

describe("around the instances", () => {
  it("a service leads to those that take clients", async () => {
    expect(built.object("Service", "pgbouncer")["spec"]).toEqual({
      type: "ClusterIP",
      selector: podLabels,
      ports: [{ name: "pgbouncer", port: 6432, targetPort: 6432, protocol: "TCP" }],
    });
    expect(await value(built.pool?.host)).toBe("pgbouncer.sark-databases.svc");
    expect(await value(built.pool?.port)).toBe(6432);
    expect(await value(built.pool?.running)).toBe(true);
  });

  it("a budget lets one go at a time, and always one that serves nobody", () => {
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
