import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectRoot } from "../../components/files/project-root";
import { copyTemplate } from "../../scratch/templates";
import type { Plan } from "../../engine/engine";
import { type KubernetesObject, kubernetesObjects } from "../../scan/objects";
import { AWS_STACK, PROTECTED_STACK, SMALL_AWS_STACK } from "./protected-stack";
import { projectFiles, StackCopy } from "../../scratch/scratch-stack";

type Changes = Readonly<Record<string, unknown>>;

/** Settings to scan: the name of a stack, and its changes. */
export interface Variant {
  readonly stack: "dev" | "prod";
  readonly changes: Changes;
}

/** The committed stacks, and the changes that settings allow. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  "the stack dev": { stack: "dev", changes: {} },
  "a protected stack with everything on": { stack: "dev", changes: PROTECTED_STACK },
  "the stack prod": { stack: "prod", changes: {} },
};

/** The stack prod, and the changes that settings allow on AWS. */
export const AWS_VARIANTS: Readonly<Record<string, Variant>> = {
  "the stack prod": { stack: "prod", changes: {} },
  "the stack prod with everything on": { stack: "prod", changes: AWS_STACK },
  "the stack prod with everything off": { stack: "prod", changes: SMALL_AWS_STACK },
};

/** The plan of a stack with changes to its settings; undefined removes a setting. Made once for the same sources. */
export async function plannedStack(variant: Variant): Promise<Plan> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-plan-"));
  const inputs = [JSON.stringify(variant, (_, value: unknown) => value ?? null), sourceHash()];
  try {
    await copyTemplate(folder, "plan", inputs, async (draft) => {
      fs.writeFileSync(path.join(draft, "plan.json"), JSON.stringify(await planned(variant)));
    });
    return JSON.parse(fs.readFileSync(path.join(folder, "plan.json"), "utf8")) as Plan;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Of all files that a plan can follow from: whatever the checkout has, but for tests and pages. */
function sourceHash(): string {
  const hash = createHash("sha256");
  for (const file of projectFiles()) {
    if (/^(?:tests|docs|bench|\.github)\/|\.md$/.test(file)) continue;
    hash.update(file).update(fs.readFileSync(path.join(projectRoot(), file)));
  }
  return hash.digest("hex");
}

async function planned({ stack, changes }: Variant): Promise<Plan> {
  const copy = await StackCopy.make();
  try {
    copy.configure((config) => Object.assign(config, changes), stack);
    const flags = ["--stack", stack, "--json", "--engine", "embedded"];
    const { stdout } = await copy.mustRun("preview", ...flags);
    return JSON.parse(stdout) as Plan;
  } finally {
    await copy.remove();
  }
}

/** The Kubernetes objects of a stack, by default dev. */
export async function plannedObjects(
  changes: Changes = {},
  stack: Variant["stack"] = "dev",
): Promise<readonly KubernetesObject[]> {
  return kubernetesObjects(await plannedStack({ stack, changes }));
}
