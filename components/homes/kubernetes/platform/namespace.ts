import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../labels";

/**
 * Labels by which the API server holds a namespace's pods to the Pod Security standard `restricted`: it refuses a pod
 * that breaks it, records it in the audit log, and warns whoever sends one inside a Deployment or a CronJob.
 * @param version the cluster's minor version, `1.34`: the standard grows with the versions, and an upgrade of the
 * cluster alone shall not begin to refuse pods
 */
function podSecurityLabels(version: string): Record<string, string> {
  return Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, `v${version}`],
    ]),
  );
}

/** Makes a namespace whose pods are held to the standard `restricted`. */
export function restrictedNamespace(
  name: string,
  namespace: string,
  version: string,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Namespace {
  return new kubernetes.core.v1.Namespace(
    name,
    {
      metadata: {
        name: namespace,
        labels: { ...labels("platform", namespace), ...podSecurityLabels(version) },
      },
    },
    opts,
  );
}
