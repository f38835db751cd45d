import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan } from "../engine/engine";
import { terraformFindings } from "./checkov";
import type { Finding } from "./scan-findings";
import { runTool } from "./run-tool";
import { type TerraformResource, accountsOf, terraformJson, terraformResources } from "./terraform";
import type { Tools } from "./tools";

/** The findings in a plan's AWS resources, and the coverage of the scanners. */
export interface AwsScan {
  readonly findings: readonly Finding[];
  readonly resources: number;
  /** Number of calls for the resources. */
  readonly calls: number;
  /** Calls that the simulated cloud does not support: only their parameters were checked. */
  readonly unanswered: readonly string[];
  /** Calls listed as unsupported that the simulated cloud did answer. */
  readonly answeredAfterAll: readonly string[];
}

type Judgement = Omit<AwsScan, "resources">;

/**
 * Scans all AWS resources of a plan: as Terraform by checkov, by making the calls of Pulumi's provider in a simulated
 * cloud, and as CloudFormation by cfn-lint. @param folder is emptied, and then holds a file for each resource
 */
export function scanAws(plan: Pick<Plan, "resources">, tools: Tools, folder: string): AwsScan {
  const resources = terraformResources(plan);
  const [account, ...others] = accountsOf(plan);
  if (account === undefined || others.length > 0 || resources.length === 0) {
    throw new Error(
      `the plan must have AWS resources in one account; it has ${resources.length} resources`,
    );
  }
  writeTerraform(resources, folder);
  const [judged] = checkCalls([resources], account, tools, folder);
  if (!judged) throw new Error("scan/aws/judge.py returned no report");
  const findings = [...terraformFindings(folder, tools), ...judged.findings];
  return { ...judged, findings, resources: resources.length };
}

/** Writes a file for each resource, named after its address. */
export function writeTerraform(resources: readonly TerraformResource[], folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const resource of resources) {
    const file = `${resource.type}.${resource.name}.tf.json`;
    fs.writeFileSync(path.join(folder, file), terraformJson(resource));
  }
}

/** Makes each plan's calls in a separate simulated cloud, in the scanner's process. @param folder receives its input file */
export function checkCalls(
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
