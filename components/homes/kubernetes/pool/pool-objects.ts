import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { POOL_NAME } from "../plan/cluster-names";
import { customResource } from "../custom-resource";
import { metadata as metadataOf, selector } from "../labels";
import { POOL_PORT } from "./pool-paths";
import type { Drain } from "./pool-sizing";

/** What the pool's objects are made from. */
export interface PoolObjectsPlan {
  readonly namespace: string;
  readonly instances: number;
  readonly drain: Drain;
  readonly pod: kubernetes.types.input.core.v1.PodTemplateSpec;
  readonly monitored: boolean;
  /** What has to be there before clients are let in. */
  readonly needed: readonly pulumi.Resource[];
}

/** The pods with what leads clients to them, and what watches them. */
export function createPool(
  name: string,
  { namespace, instances, drain, pod, monitored, needed }: PoolObjectsPlan,
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = metadataOf("pgbouncer", namespace, POOL_NAME);
  const pods = selector("pgbouncer", POOL_NAME);
  const account = new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    opts,
  );
  const deployment = new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        replicas: instances,
        selector: { matchLabels: pods },
        // The connection budget counts on it: an instance is asked to end before its successor starts. Only one at a
        // time still holds what it was given, and the budget counts one more for that.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        // In which every node learns of the new instance, before the next old one goes.
        minReadySeconds: 10,
        // The successor may have to wait for the node until its predecessor is gone.
        progressDeadlineSeconds: drain.grace + 300,
        // The files of earlier revisions are gone, so there is nothing to go back to but the stack itself.
        revisionHistoryLimit: 1,
        template: pod,
      },
    },
    { ...opts, dependsOn: [...needed, account], customTimeouts: rolloutTime(instances, drain) },
  );
  new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata,
      spec: {
        type: "ClusterIP",
        selector: pods,
        ports: [{ name: "pgbouncer", port: POOL_PORT, targetPort: POOL_PORT, protocol: "TCP" }],
      },
    },
    // Pulumi waits for a service to find pods, and these wait for the databases first.
    { ...opts, dependsOn: [deployment] },
  );
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    {
      metadata,
      spec: {
        maxUnavailable: 1,
        // An instance that takes no clients serves nobody, so it must not hold up the node that it is on.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: pods },
      },
    },
    opts,
  );
  if (!monitored) return;
  const monitor = new PodMonitor({
    metadata,
    spec: {
      selector: { matchLabels: pods },
      podMetricsEndpoints: [{ port: "metrics", interval: "30s", scrapeTimeout: "10s" }],
    },
  });
  customResource(`${name}-monitor`, monitor, opts);
}

/** Instances are replaced one after another, and each may take all of its grace. */
function rolloutTime(instances: number, { grace }: Drain): pulumi.CustomTimeouts {
  const minutes = Math.max(10, Math.ceil((instances * (grace + 120)) / 60));
  return { create: "10m", update: `${minutes}m`, delete: `${minutes}m` };
}
