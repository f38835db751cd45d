import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { rdsAuthorities } from "../../aws/database/plan/rds-authorities";
import type { Authority } from "../authority-volume";
import { contentHash } from "../../../text/fingerprint";
import { labels } from "../labels";

const NAME = "rds-authorities";
const KEY = "ca.crt";

/**
 * Amazon's authorities of some regions for the pods that connect to RDS, in an object that never changes: with other
 * certificates it has another name, and the pods another volume.
 */
export function rdsAuthoritiesMap(
  name: string,
  { regions, namespace }: { readonly regions: readonly string[]; readonly namespace: string },
  opts: pulumi.CustomResourceOptions,
): Authority {
  const data = { [KEY]: rdsAuthorities(regions) };
  const configMap = `${NAME}-${contentHash(data)}`;
  new kubernetes.core.v1.ConfigMap(
    name,
    {
      metadata: { name: configMap, namespace, labels: labels("platform", NAME) },
      immutable: true,
      data,
    },
    opts,
  );
  return { configMap, key: KEY };
}
