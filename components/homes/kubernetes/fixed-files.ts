import * as fs from "node:fs";
import * as path from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { projectRoot } from "../../files/project-root";
import { contentHash } from "../../text/fingerprint";
import { type Part, metadata } from "./labels";

/** Text of a file of `components/homes/kubernetes/scripts`. */
export function scriptText(file: string): string {
  const folder = path.join(projectRoot(), "components", "homes", "kubernetes", "scripts");
  return fs.readFileSync(path.join(folder, file), "utf8");
}

/**
 * Files in a ConfigMap that never changes: with other content it has another name, and pods another volume.
 * @returns the name
 */
export function fixedFiles(
  resource: string,
  {
    part,
    name,
    namespace,
  }: { readonly part: Part; readonly name: string; readonly namespace: string },
  data: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): string {
  const configMap = `${name}-${contentHash(data)}`;
  new kubernetes.core.v1.ConfigMap(
    resource,
    { metadata: { ...metadata(part, namespace, name), name: configMap }, immutable: true, data },
    opts,
  );
  return configMap;
}
