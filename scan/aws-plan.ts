import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan } from "../engine/engine";
import { terraformFindings } from "./checkov";
import type { Finding } from "./scan-findings";
import { runTool } from "./run-tool";
import { type TerraformResource, accountsOf, terraformJson, terraformResources } from "./terraform";
import type { Tools } from "./tools";

/** What was found on a plan's AWS part, and how far each scanner looked. */
export interface AwsScan {
  readonly findings: readonly Finding[];
  readonly resources: number;
  /** Calls that were made for the resources. */
  readonly calls: number;
  /** Calls that the cloud in the scanner's process does not answer: only their parameters were checked. */
  readonly unanswered: readonly string[];
  /** Those among them that were answered this time. */
  readonly answeredAfterAll: readonly string[];
}

type Judgement = Omit<AwsScan, "resources">;

/**
 * Scans everything that a plan makes on AWS: by checkov as Terraform, by the calls that Pulumi's provider makes, and by
 * cfn-lint as CloudFormation. @param folder is emptied and holds a file a resource afterwards
 */
export function scanAws(plan: Pick<Plan, "resources">, tools: Tools, folder: string): AwsScan {
  const resources = terraformResources(plan);
  const [account, ...others] = accountsOf(plan);
  if (account === undefined || others.length > 0 || resources.length === 0) {
    throw new Error(`the plan has ${resources.length} resources on AWS in other than one account`);
  }
  writeTerraform(resources, folder);
  const [judged] = judgeCalls([resources], account, tools, folder);
  if (!judged) throw new Error("nothing was judged");
  const findings = [...terraformFindings(folder, tools), ...judged.findings];
  return { ...judged, findings, resources: resources.length };
}

/** A file a resource, which its name is the address of. */
export function writeTerraform(resources: readonly TerraformResource[], folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const resource of resources) {
    const file = `${resource.type}.${resource.name}.tf.json`;
    fs.writeFileSync(path.join(folder, file), terraformJson(resource));
  }
}

/** Makes each plan in a cloud of its own, inside of the scanner's process. @param folder gets what it reads */
export function judgeCalls(
  plans: readonly (readonly TerraformResource[])[],
  account: string,
  tools: Tools,
  folder: string,
): readonly Judgement[] {
  const document = path.join(folder, "resources.json");
  fs.writeFileSync(document, JSON.stringify({ account, plans }));
  const { output } = runTool(tools.python, ["-B", tools.judge, document], [0]);
  return JSON.parse(output) as readonly Judgement[];
}
