import * as fs from "node:fs";
import * as path from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { projectRoot } from "../../files/project-root";
import { contentHash } from "../../text/fingerprint";
import type { metadata } from "./labels";

/** Reads a file of the project. */
export function readProjectFile(...file: readonly string[]): string {
  return fs.readFileSync(path.join(projectRoot(), ...file), "utf8");
}

/** Reads a file of `components/homes/kubernetes/scripts`. */
export function readScript(file: string): string {
  return readProjectFile("components", "homes", "kubernetes", "scripts", file);
}

/**
 * Puts files into an immutable ConfigMap. Its name contains a hash of the content, so new content rolls out new pods.
 * @returns the ConfigMap's name
 */
export function immutableConfigMap(
  resource: string,
  own: ReturnType<typeof metadata>,
  data: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): string {
  const configMap = `${own.name}-${contentHash(data)}`;
  new kubernetes.core.v1.ConfigMap(
    resource,
    { metadata: { ...own, name: configMap }, immutable: true, data },
    opts,
  );
  return configMap;
}
