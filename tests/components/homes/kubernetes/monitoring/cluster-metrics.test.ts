import { parse } from "yaml";
import {
  metricsConfigMap,
  podMonitor,
  QUERIES_KEY,
} from "../../../../../components/homes/kubernetes/monitoring/cluster-metrics";
import { rolePlan } from "../../../../../components/roles/plan/role-plan";
import { customQueries } from "./exported-metrics";

const recovered = { database: "sark", recovery: { generation: 2 } } as const;

it("PodMonitor scrapes a cluster over TLS, by a name in the certificate, and labels its series", () => {
  const monitor = podMonitor(recovered, "sark-databases", "dev");
  monitor.validate();
  expect(monitor.spec).toEqual({
    selector: { matchLabels: { "cnpg.io/cluster": "sark-g2", "cnpg.io/podRole": "instance" } },
    podMetricsEndpoints: [
      {
        port: "metrics",
        scheme: "https",
        tlsConfig: {
          ca: { secret: { name: "sark-g2-ca", key: "ca.crt" } },
          serverName: "sark-g2-rw",
        },
        relabelings: [
          { targetLabel: "stack", replacement: "dev" },
          { targetLabel: "database", replacement: "sark" },
          { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "server" },
        ],
        metricRelabelings: [
          {
            sourceLabels: ["__name__"],
            regex: "cnpg_sark_(.+)",
            targetLabel: "__name__",
            replacement: "sark_$1",
          },
        ],
      },
    ],
  });
});

it("ConfigMap of a cluster has its metric queries, which the operator reloads after a change", () => {
  const { extensions } = rolePlan("sark", 1);
  const { metadata, data } = metricsConfigMap(recovered, "sark-databases", extensions);
  expect(metadata).toMatchObject({
    name: "sark-g2-metrics",
    namespace: "sark-databases",
    labels: { "cnpg.io/reload": "true", "app.kubernetes.io/name": "sark-g2" },
  });
  expect(parse(data[QUERIES_KEY])).toEqual(customQueries("sark"));
});
