import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoredStack } from "../../../objectives/monitored-stack";
import type { RecordingRule, RuleGroup } from "../../../objectives/plan/alert-rules";
import { customResource } from "../custom-resource";
import { metadata } from "../labels";
import { POOL_NAME, firstCluster } from "../plan/cluster-names";
import type { ClusterStack } from "../plan/cluster-stack";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { SqlExporter } from "./sql-exporter";
import { certificateRules, volumeRules } from "./plan/surrounding-rules";

/** The group with rules before its own, which use what these record. */
function after(recordings: readonly RecordingRule[], { name, rules }: RuleGroup): RuleGroup {
  return { name, rules: [...recordings, ...rules] };
}

export interface KubernetesMonitoringArgs
  extends
    Pick<MonitoredStack, "stack" | "databases" | "rules" | "dashboards">,
    Pick<ClusterStack, "clusters" | "exported" | "outside" | "pool"> {
  readonly platform: KubernetesPlatform;
}

/**
 * Monitoring of the whole stack in the namespace: an object with alert rules for each database whose metrics are
 * exported here, and one for the pool; the dashboards; and an exporter for a database outside of the cluster. The other
 * PodMonitors and metric queries are made with what they scrape.
 */
export class KubernetesMonitoring extends pulumi.ComponentResource {
  readonly #platform: KubernetesPlatform;

  constructor(
    name: string,
    args: KubernetesMonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:kubernetes:KubernetesMonitoring", name, {}, opts);
    const { platform, stack, databases, rules, dashboards, clusters, exported, pool } = args;
    this.#platform = platform;
    const { namespace, retain } = platform;
    for (const cluster of clusters) {
      const own = firstCluster(cluster.database);
      // Rules of a cluster outlive the stack if the cluster does; a recovered cluster keeps them.
      this.#rules(`${name}-${own}-rules`, metadata("database", namespace, own), {
        group: after(volumeRules(cluster, namespace, stack), rules(cluster.database)),
        retainOnDelete: retain,
      });
    }
    for (const layer of databases.filter(({ server }) => exported.includes(server.database))) {
      const { database } = layer.server;
      const own = firstCluster(database);
      // Absent metrics fire, so there are rules only with the exporter.
      new SqlExporter(`${name}-${own}-exporter`, { ...args, layer }, { parent: this });
      this.#rules(`${name}-${own}-rules`, metadata("database", namespace, own), {
        group: rules(database),
        retainOnDelete: false,
      });
    }
    if (pool) {
      this.#rules(`${name}-pool-rules`, metadata("pgbouncer", namespace, POOL_NAME), {
        group: after(certificateRules(namespace, stack), rules("pool")),
        retainOnDelete: false,
      });
    }
    for (const { uid, json } of dashboards()) this.#dashboard(`${name}-${uid}`, uid, json);
    this.registerOutputs({});
  }

  #rules(
    name: string,
    own: ReturnType<typeof metadata>,
    { group, retainOnDelete }: { readonly group: RuleGroup; readonly retainOnDelete: boolean },
  ): void {
    // A plain object: validation by the model loads WebAssembly, which the program's build does not contain.
    const rule = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: own,
      spec: { groups: [{ name: group.name, rules: group.rules.map((each) => ({ ...each })) }] },
    } satisfies IPrometheusRule;
    customResource(name, rule, { ...this.#platform.resourceOptions(this), retainOnDelete });
  }

  /** Grafana's sidecar loads ConfigMaps with this label. */
  #dashboard(name: string, uid: string, json: string): void {
    const own = metadata("platform", this.#platform.namespace, uid);
    new kubernetes.core.v1.ConfigMap(
      name,
      {
        metadata: { ...own, labels: { ...own.labels, grafana_dashboard: "1" } },
        data: { [`${this.#platform.namespace}-${uid}.json`]: json },
      },
      this.#platform.resourceOptions(this),
    );
  }
}
