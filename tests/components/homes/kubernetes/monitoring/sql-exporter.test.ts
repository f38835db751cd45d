import { parse } from "yaml";
import { SqlExporter } from "../../../../../components/homes/kubernetes/monitoring/sql-exporter";
import { EXPORTER_PATHS } from "../../../../../components/homes/kubernetes/monitoring/plan/exporter-config";
import { POD_ALLOWANCES } from "../../../../../components/homes/kubernetes/platform/quota";
import { RESTRICTED_CONTAINER } from "../../../../../components/homes/kubernetes/pod-security";
import { AWS } from "../../../../support/aws-settings";
import { clusterStackOf, platformOf } from "../../../../support/built-cluster";
import { unwrapSecret } from "../../../../support/job-pod";
import { layerOf } from "../../../../support/kubernetes-layer";
import { quantity } from "../../../../support/pod-demand";
import {
  kubernetesStack,
  objectOf,
  type Registered,
  registeredBy,
} from "../../../../support/registered";

interface Pod {
  readonly containers: readonly (Readonly<Record<string, unknown>> & {
    readonly args: readonly string[];
    readonly resources: { readonly limits: Readonly<Record<string, string>> };
  })[];
  readonly volumes: readonly unknown[];
}

let registered: readonly Registered[];
let pod: Pod;

const named = (kind: string, start: string) =>
  registered
    .map(({ inputs }) => inputs)
    .find(
      ({ kind: each, metadata }) =>
        each === kind && (metadata as { name: string }).name.startsWith(start),
    ) as { readonly metadata: { readonly name: string } } & Readonly<Record<string, unknown>>;

beforeAll(async () => {
  const settings = kubernetesStack(AWS);
  registered = await registeredBy(() => {
    const { outside } = clusterStackOf(settings);
    const layer = layerOf(settings, "sark");
    new SqlExporter("exporter", { platform: platformOf(settings), layer, stack: "test", outside });
  });
  const { spec } = objectOf(registered, "Deployment", "sark-exporter") as {
    spec: { template: { spec: Pod } };
  };
  pod = spec.template.spec;
});

describe("exporter of a database on RDS", () => {
  it("mounts its login, queries and authorities read-only, and has no secret elsewhere", () => {
    const secret = named("Secret", "sark-exporter-config-");
    const queries = named("ConfigMap", "sark-exporter-queries-");
    const authorities = named("ConfigMap", "rds-authorities-");
    expect(pod.volumes).toEqual([
      {
        name: "config",
        secret: {
          secretName: secret.metadata.name,
          items: [{ key: "sql_exporter.yml", path: "sql_exporter.yml" }],
          defaultMode: 0o440,
        },
      },
      { name: "queries", configMap: { name: queries.metadata.name, defaultMode: 0o444 } },
      {
        name: "authority",
        configMap: {
          name: authorities.metadata.name,
          items: [{ key: "ca.crt", path: "ca.crt" }],
          defaultMode: 0o440,
        },
      },
    ]);
    const [container] = pod.containers;
    const value = "sark-rw.sark-databases.svc";
    expect(container?.["env"]).toEqual(
      ["SERVER_1", "SERVER_2"].map((variable) => ({ name: variable, value })),
    );
    expect(container?.["volumeMounts"]).toEqual(
      (["config", "queries", "authority"] as const).map((name) => ({
        name,
        mountPath: EXPORTER_PATHS[name],
        readOnly: true,
      })),
    );
    const password = "secret-sark-sark_monitor-password";
    const { stringData, ...rest } = secret;
    const { "sql_exporter.yml": config } = unwrapSecret(stringData) as Record<string, string>;
    const { jobs } = parse(config ?? "") as {
      jobs: { static_configs: { targets: Record<string, string> }[] }[];
    };
    expect(jobs.flatMap(({ static_configs: [one] }) => Object.keys(one?.targets ?? {}))).toEqual([
      "sark-test",
      "sark-test-replica-1",
    ]);
    expect(config).toContain(password);
    expect(JSON.stringify([pod, queries, rest])).not.toContain(password);
  });

  it("runs without privileges, within the quota's allowance", () => {
    const [container] = pod.containers;
    expect(container).toMatchObject(RESTRICTED_CONTAINER);
    expect(pod).toMatchObject({ automountServiceAccountToken: false });
    const { memory } = container?.resources.limits ?? {};
    expect(quantity(memory ?? "")).toBe(POD_ALLOWANCES.exporter.memory);
  });

  it("has the queries of each role", () => {
    const { data } = named("ConfigMap", "sark-exporter-queries-") as unknown as {
      data: Record<string, string>;
    };
    expect(Object.keys(data)).toEqual(["primary.yml", "replica.yml"]);
    expect(data["primary.yml"]).toContain("sark_primary_up");
    expect(data["primary.yml"]).not.toContain("sark_replica_lag_seconds");
    expect(data["replica.yml"]).toContain("sark_replica_lag_seconds");
  });

  it("is scraped with the labels of the rules, and without its own metrics", () => {
    expect(objectOf(registered, "PodMonitor", "sark-exporter")["spec"]).toEqual({
      selector: {
        matchLabels: {
          "app.kubernetes.io/name": "sark-exporter",
          "app.kubernetes.io/component": "exporter",
        },
      },
      podMetricsEndpoints: [
        {
          port: "metrics",
          interval: "30s",
          scrapeTimeout: "10s",
          relabelings: [
            { targetLabel: "stack", replacement: "test" },
            { targetLabel: "database", replacement: "sark" },
          ],
          metricRelabelings: [
            { action: "keep", sourceLabels: ["__name__"], regex: "sark_.+" },
            { action: "labeldrop", regex: "exported_job" },
          ],
        },
      ],
    });
  });
});
