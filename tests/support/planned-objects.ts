import type { Plan } from "../../engine/engine";
import { type KubernetesObject, kubernetesObjects } from "../../scan/objects";
import { AWS_STACK, PROTECTED_STACK, SMALL_AWS_STACK } from "./protected-stack";
import { StackCopy } from "../../scratch/scratch-stack";

type Changes = Readonly<Record<string, unknown>>;

/** Settings that are scanned: a stack's name, and what is changed in it. */
export interface Variant {
  readonly stack: "dev" | "prod";
  readonly changes: Changes;
}

/** The stacks as they are, and with what settings can add and take away. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  "the stack dev": { stack: "dev", changes: {} },
  "a protected stack with everything on": { stack: "dev", changes: PROTECTED_STACK },
  "the stack prod": { stack: "prod", changes: {} },
};

/** The stack prod as it is, and with what settings can add and take away on AWS. */
export const AWS_VARIANTS: Readonly<Record<string, Variant>> = {
  "the stack prod": { stack: "prod", changes: {} },
  "the stack prod with everything on": { stack: "prod", changes: AWS_STACK },
  "the stack prod with everything off": { stack: "prod", changes: SMALL_AWS_STACK },
};

/** A plan for a stack, with changes to its settings; one of undefined takes a setting out. */
export async function plannedStack({ stack, changes }: Variant): Promise<Plan> {
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

/** What a stack puts on Kubernetes: dev, unless another is named. */
export async function plannedObjects(
  changes: Changes = {},
  stack: Variant["stack"] = "dev",
): Promise<readonly KubernetesObject[]> {
  return kubernetesObjects(await plannedStack({ stack, changes }));
}
