import * as path from "node:path";
import { Definitions } from "./custom-resource-definitions";
import type { Finding } from "./scan-findings";
import type { KubernetesObject } from "./objects";
import { runTool } from "./run-tool";
import type { Tools } from "./tools";

/** Kubernetes versions whose schemas every object must satisfy: supported and upcoming ones. */
const KUBERNETES_VERSIONS = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"] as const;

/** Checks custom resources against their definitions, and other objects against Kubernetes's schemas. */
export function schemaFindings(
  objects: readonly KubernetesObject[],
  files: readonly string[],
  tools: Tools,
  versions: readonly string[] = KUBERNETES_VERSIONS,
): readonly Finding[] {
  const definitions = new Definitions(tools.definitions);
  const builtIn = files.filter((_, index) => !isCustom(objects[index]?.apiVersion ?? ""));
  return [
    ...objects.flatMap((object, index) =>
      isCustom(object.apiVersion) ? customFindings(object, files[index] ?? "", definitions) : [],
    ),
    ...versions.flatMap((version) => builtInFindings(builtIn, version, tools)),
  ];
}

function customFindings(
  object: KubernetesObject,
  file: string,
  definitions: Definitions,
): readonly Finding[] {
  return definitions.problems(object).map((text) => ({
    scanner: "schema",
    check: object.apiVersion,
    object: path.basename(file, ".yaml"),
    text,
  }));
}

/** Whether the API group is not one of Kubernetes's own. */
function isCustom(apiVersion: string): boolean {
  const group = apiVersion.split("/")[0] ?? "";
  return group.includes(".") && !group.endsWith(".k8s.io");
}

function builtInFindings(
  files: readonly string[],
  version: string,
  tools: Tools,
): readonly Finding[] {
  if (files.length === 0) return [];
  const args = ["--strict", "--quiet", "--no-warn", "--kubernetes-version", version, ...files];
  const { status, output } = runTool(tools.kubernetesValidate, args, [0, 1]);
  const lines = output.split("\n").filter((line) => line.startsWith("ERROR"));
  if (status !== 0 && lines.length === 0) throw new Error(`kubernetes-validate: ${output}`);
  return lines.map((text) => ({
    scanner: "schema",
    check: version,
    object: path.basename(/ERROR (\S+)/.exec(text)?.[1] ?? "", ".yaml"),
    text: text.replace(/^ERROR \S+ /, ""),
  }));
}
