import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../labels";

/**
 * Creates a namespace that enforces the Pod Security standard `restricted`: the API server rejects a violating pod,
 * records it in the audit log, and warns the client that sends a Deployment or CronJob with one.
 * @param version minor version of the standard, `1.34`: it grows with Kubernetes, and a cluster upgrade alone must not
 * start rejecting pods
 */
export function restrictedNamespace(
  name: string,
  namespace: string,
  version: string,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Namespace {
  const security = Object.fromEntries<string>(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"] as const,
      [`pod-security.kubernetes.io/${mode}-version`, `v${version}`] as const,
    ]),
  );
  return new kubernetes.core.v1.Namespace(
    name,
    { metadata: { name: namespace, labels: { ...labels("platform", namespace), ...security } } },
    opts,
  );
}
