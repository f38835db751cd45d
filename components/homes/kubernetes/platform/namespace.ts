import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../labels";

/**
 * Makes a namespace whose pods the API server holds to the Pod Security standard `restricted`: it refuses a pod that
 * breaks it, records it in the audit log, and warns whoever sends one inside a Deployment or a CronJob.
 * @param version the cluster's minor version, `1.34`: the standard grows with the versions, and an upgrade of the
 * cluster alone shall not begin to refuse pods
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
