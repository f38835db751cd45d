import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { checkovFindings } from "./checkov";
import type { Finding } from "./scan-findings";
import { kubeScoreFindings } from "./kube-score";
import type { KubernetesObject } from "./objects";
import { podFindings, podsOf } from "./pods";
import { schemaFindings } from "./schemas";
import type { Tools } from "./tools";

/** Runs every scanner on the objects. @param folder is emptied, and then holds a manifest for each object */
export function scan(
  objects: readonly KubernetesObject[],
  tools: Tools,
  folder: string,
): readonly Finding[] {
  const files = writeManifests(objects, folder);
  return [
    ...schemaFindings(objects, files, tools),
    ...checkovFindings(objects, folder, tools),
    ...kubeScoreFindings(objects, files, tools),
    ...podsOf(objects).flatMap(podFindings),
  ];
}

/** Writes a manifest for each object, and returns the files in the same order. */
export function writeManifests(
  objects: readonly KubernetesObject[],
  folder: string,
): readonly string[] {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return objects.map((object, index) => {
    const number = String(index).padStart(3, "0");
    const file = path.join(folder, `${number}-${object.kind}-${object.metadata.name}.yaml`);
    fs.writeFileSync(file, stringify(object));
    return file;
  });
}
