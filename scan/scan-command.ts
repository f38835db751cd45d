import * as path from "node:path";
import { printable } from "../components/text/printable";
import type { Engine, Progress } from "../engine/engine";
import { applyAccepted } from "../lint/findings";
import { ACCEPTED_ON_AWS, ACCEPTED_ON_KUBERNETES } from "./accepted-findings";
import { repositoryFindings } from "./checkov";
import { scanAws } from "./aws-plan";
import { controlFindings, countControls } from "./controls/controls";
import { type Finding, matchesAccepted } from "./scan-findings";
import { kubernetesObjects } from "./objects";
import { scan } from "./scanners";
import { accountsOf } from "./terraform";
import { installTools } from "./tools";

/** Stacks with resources on Kubernetes or AWS. */
const STACKS = ["dev", "prod"] as const;

/** `npm run scan`: runs every scanner on every object of every stack. Returns the exit code. */
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
    console.log(`${stack}: ${countControls(plan)} controls checked on AWS resources`);
    console.log(
      `${stack}: ${cloud.resources} AWS resources scanned, ${cloud.calls} calls made in a simulated cloud ` +
        `(only parameters checked: ${cloud.unanswered.join(", ")}), Terraform in .sark/scan/${stack}-aws`,
    );
  }
  const { findings, stale } = applyAccepted(
    found,
    [...ACCEPTED_ON_KUBERNETES, ...ACCEPTED_ON_AWS],
    matchesAccepted,
  );
  for (const { scanner, check, object, text } of findings) {
    const requirement = scanner === "controls" ? `required: ${text}` : text;
    console.log(printable(`${scanner} ${check} ${object}: ${requirement}`));
  }
  for (const { check, objects } of stale) {
    console.log(
      `scan/accepted-findings.ts: ${check} no longer occurs on ${String(objects)}: remove the entry`,
    );
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
