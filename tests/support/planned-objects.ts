import type { Plan } from "../../engine/engine";
import { type KubernetesObject, kubernetesObjects } from "../../scan/objects";
import { PROTECTED_STACK } from "./protected-stack";
import { StackCopy } from "./stack";

/** The stack dev as it is, and with everything that settings can add. */
export const VARIANTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "the stack dev": {},
  "a protected stack with everything on": PROTECTED_STACK,
};

/** What the stack dev puts on Kubernetes, with changes to its settings. */
export async function plannedObjects(
  changes: Readonly<Record<string, unknown>> = {},
): Promise<readonly KubernetesObject[]> {
  const stack = await StackCopy.make();
  try {
    stack.configure((config) => Object.assign(config, changes), "dev");
    const flags = ["--stack", "dev", "--json", "--engine", "embedded"];
    const { stdout } = await stack.mustRun("preview", ...flags);
    return kubernetesObjects(JSON.parse(stdout) as Plan);
  } finally {
    await stack.remove();
  }
}
