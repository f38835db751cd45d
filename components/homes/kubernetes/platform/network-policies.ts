import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterStack } from "../plan/cluster-stack";
import { metadata } from "../labels";
import { networkPolicies } from "./network-policies-plan";

/**
 * Creates the network policies: default-deny for every pod of the namespace, and one object per allowed path. With
 * `kubernetes.retain`, policies that a remaining server needs stay; those of the application, the pool and the jobs are
 * deleted with the stack.
 */
export function createNetworkPolicies(
  name: string,
  stack: ClusterStack,
  opts: pulumi.ComponentResourceOptions,
): void {
  const parent = new pulumi.ComponentResource("sark:kubernetes:NetworkPolicies", name, {}, opts);
  const { namespace, retain } = stack.platform;
  for (const policy of networkPolicies(stack)) {
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-${policy.name}`,
      {
        metadata: {
          ...metadata("platform", namespace, policy.name),
          annotations: { "kubernetes.io/description": policy.description },
        },
        spec: policy.spec,
      },
      { parent, retainOnDelete: retain && policy.outlivesStack },
    );
  }
}
