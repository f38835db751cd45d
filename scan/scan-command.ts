import * as path from "node:path";
import { printable } from "../components/text/printable";
import type { Engine, Progress } from "../engine/engine";
import { judge } from "../lint/findings";
import { ACCEPTED_ON_AWS, ACCEPTED_ON_KUBERNETES } from "./accepted-findings";
import { repositoryFindings } from "./checkov";
import { scanAws } from "./aws-plan";
import { controlFindings, controlsOf } from "./controls/controls";
import { type Finding, covers } from "./scan-findings";
import { kubernetesObjects } from "./objects";
import { scan } from "./scanners";
import { accountsOf } from "./terraform";
import { installTools } from "./tools";

/** Stacks that put something on Kubernetes or on AWS. */
const STACKS = ["dev", "prod"] as const;

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
    if (accountsOf(plan).length === 0) continue;
    const cloud = scanAws(plan, tools, `${folder}-aws`);
    found.push(...cloud.findings, ...controlFindings(plan));
    console.log(`${stack}: ${controlsOf(plan)} controls asked of its resources on AWS`);
    console.log(
      `${stack}: ${cloud.resources} resources on AWS scanned, ${cloud.calls} calls made in a cloud of the scanner's own ` +
        `(not answered there, parameters checked: ${cloud.unanswered.join(", ")}), Terraform in .sark/scan/${stack}-aws`,
    );
  }
  const { findings, stale } = judge(found, [...ACCEPTED_ON_KUBERNETES, ...ACCEPTED_ON_AWS], covers);
  for (const { scanner, check, object, text } of findings) {
    console.log(printable(`${scanner} ${check} ${object}: ${text}`));
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
