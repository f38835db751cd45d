import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoredStack } from "../../../objectives/monitored-stack";
import type { RuleGroup } from "../../../objectives/plan/alert-rules";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { customResource } from "../custom-resource";
import { metadata } from "../labels";
import { POOL_NAME, firstCluster } from "../plan/cluster-names";
import type { ClusterStack } from "../plan/cluster-stack";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { serverUpRule } from "./plan/server-up-rule";

export interface KubernetesMonitoringArgs
  extends
    Pick<MonitoredStack, "stack" | "rules">,
    Pick<ClusterStack, "served" | "clusters" | "pool"> {
  readonly platform: KubernetesPlatform;
}

/**
 * Monitoring of the whole stack in the namespace: an object with alert rules for each database that is served here, and
 * one for the pool. Dashboards belong here, too. PodMonitors and metric queries are made with what they scrape.
 */
export class KubernetesMonitoring extends pulumi.ComponentResource {
  readonly #platform: KubernetesPlatform;

  constructor(
    name: string,
    { platform, stack, rules, served, clusters, pool }: KubernetesMonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:kubernetes:KubernetesMonitoring", name, {}, opts);
    this.#platform = platform;
    const { namespace, retain } = platform;
    for (const { database } of served) {
      const own = firstCluster(database);
      // Rules of a cluster outlive the stack if the cluster does; a recovered cluster keeps them.
      const clustered = clusters.some((each) => each.database === database);
      this.#rules(`${name}-${own}-rules`, metadata("database", namespace, own), {
        group: clustered ? withServerUp(stack, database, rules(database)) : rules(database),
        retainOnDelete: clustered && retain,
      });
    }
    if (pool) {
      this.#rules(`${name}-pool-rules`, metadata("pgbouncer", namespace, POOL_NAME), {
        group: rules("pool"),
        retainOnDelete: false,
      });
    }
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
}

/** Puts the rule first, since the rules of a group are evaluated in order. */
function withServerUp(stack: string, database: DatabaseName, group: RuleGroup): RuleGroup {
  return { ...group, rules: [serverUpRule(stack, database), ...group.rules] };
}
