import * as path from "node:path";
import type { Engine, Progress } from "../engine/engine";
import { ACCEPTED } from "./accepted";
import { repositoryFindings } from "./checkov";
import { type Finding, judge } from "./findings";
import { kubernetesObjects } from "./objects";
import { scan } from "./scanners";
import { installTools } from "./tools";

/** Stacks that put something on Kubernetes. */
const STACKS = ["dev"] as const;

/** `npm run scan`: every object of every stack, by every scanner. Returns the exit code. */
export async function runScan(root: string, engine: Engine): Promise<number> {
  const tools = installTools(root, (text) => {
    console.log(text);
  });
  const found: Finding[] = [...repositoryFindings(root, tools)];
  for (const stack of STACKS) {
    const plan = await engine.preview({ root, stack }, SILENT);
    const objects = kubernetesObjects(plan);
    const folder = path.join(root, ".sark", "scan", stack);
    found.push(...scan(objects, tools, folder));
    console.log(`${stack}: ${objects.length} objects scanned, manifests in .sark/scan/${stack}`);
  }
  const { findings, stale } = judge(found, ACCEPTED);
  for (const { scanner, check, object, text } of findings) {
    console.log(`${scanner} ${check} ${object}: ${text}`);
  }
  for (const { check, objects } of stale) {
    console.log(`accepted, and not found any more: ${check} ${String(objects)}`);
  }
  const accepted = found.length - findings.length;
  console.log(`${findings.length} findings, ${accepted} accepted with a reason`);
  return findings.length + stale.length > 0 ? 1 : 0;
}

const SILENT: Progress = {
  started: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
  message: () => undefined,
};
