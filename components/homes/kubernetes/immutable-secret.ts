import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { contentHash } from "../../text/fingerprint";
import type { metadata } from "./labels";

/**
 * Puts files into an immutable Secret. A hash of secrets is secret too, but a name is not. So the name has a random part,
 * regenerated when the content changes, and new content rolls out new pods.
 * @returns the Secret's name
 */
export function immutableSecret(
  resource: string,
  own: ReturnType<typeof metadata>,
  files: pulumi.Output<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { provider: _, ...common } = opts;
  const version = new random.RandomId(
    `${resource}-version`,
    { byteLength: 5, keepers: { content: files.apply(contentHash) } },
    common,
  );
  const secret = new kubernetes.core.v1.Secret(
    resource,
    {
      metadata: { ...own, name: pulumi.interpolate`${own.name}-${version.hex}` },
      immutable: true,
      type: "Opaque",
      stringData: files,
    },
    opts,
  );
  return secret.metadata.name;
}
