import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { POOL_NAME } from "../plan/cluster-names";
import { customResource } from "../custom-resource";
import { labels, selector } from "../labels";
import { POOL_PORT } from "./pool-paths";
import type { Drain } from "./pool-sizing";

export function createAccount(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.ServiceAccount {
  return new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata: metadata(namespace), automountServiceAccountToken: false },
    opts,
  );
}

/** What the Deployment is made from. */
export interface DeploymentPlan {
  readonly namespace: string;
  readonly instances: number;
  readonly drain: Drain;
  readonly pod: kubernetes.types.input.core.v1.PodTemplateSpec;
}

export function createDeployment(
  name: string,
  { namespace, instances, drain, pod }: DeploymentPlan,
  opts: pulumi.CustomResourceOptions,
): kubernetes.apps.v1.Deployment {
  return new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata: metadata(namespace),
      spec: {
        replicas: instances,
        selector: { matchLabels: selector("pgbouncer", POOL_NAME) },
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
    { ...opts, customTimeouts: rolloutTime(instances, drain) },
  );
}

/** Instances are replaced one after another, and each may take all of its grace. */
function rolloutTime(instances: number, { grace }: Drain): pulumi.CustomTimeouts {
  const minutes = Math.max(10, Math.ceil((instances * (grace + 120)) / 60));
  return { create: "10m", update: `${minutes}m`, delete: `${minutes}m` };
}

export function createService(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): void {
  new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata: metadata(namespace),
      spec: {
        type: "ClusterIP",
        selector: selector("pgbouncer", POOL_NAME),
        ports: [{ name: "pgbouncer", port: POOL_PORT, targetPort: POOL_PORT, protocol: "TCP" }],
      },
    },
    opts,
  );
}

/** An instance that takes no clients serves nobody, so it must not hold up the node that it is on. */
export function createDisruptionBudget(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): void {
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    {
      metadata: metadata(namespace),
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selector("pgbouncer", POOL_NAME) },
      },
    },
    opts,
  );
}

export function createPodMonitor(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): void {
  customResource(
    `${name}-monitor`,
    new PodMonitor({
      metadata: metadata(namespace),
      spec: {
        selector: { matchLabels: selector("pgbouncer", POOL_NAME) },
        podMetricsEndpoints: [{ port: "metrics", interval: "30s", scrapeTimeout: "10s" }],
      },
    }),
    opts,
  );
}

function metadata(namespace: string) {
  return { name: POOL_NAME, namespace, labels: labels("pgbouncer", POOL_NAME) };
}
