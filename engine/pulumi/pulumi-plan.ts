import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import type { StackRef } from "../engine";
import { count } from "../names";

/** The parts of the CLI's own plan that are read here. */
const PLAN = z.object({
  resourcePlans: z.record(
    z.string(),
    z.object({
      goal: z.object({ custom: z.boolean().optional() }).optional(),
      steps: z.array(z.string()).optional(),
      /** Null if the provider was not called, since its own settings are not known yet. */
      state: z.unknown().optional(),
    }),
  ),
});

/** A temporary file with the CLI's own plan. Its secrets are encrypted. */
export class PulumiPlanFile {
  readonly name: string;

  /** @param contents the plan for the CLI to read; without it, the CLI writes the file */
  constructor({ root }: StackRef, contents?: unknown) {
    const folder = path.join(root, ".sark", "tmp");
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.name = path.join(folder, `${process.pid}-plan.json`);
    if (contents !== undefined) {
      fs.writeFileSync(this.name, JSON.stringify(contents), { mode: 0o600 });
    }
  }

  read(): unknown {
    return JSON.parse(fs.readFileSync(this.name, "utf8"));
  }

  remove(): void {
    fs.rmSync(this.name, { force: true });
  }
}

/**
 * Why the CLI cannot enforce its own plan; undefined if it can. Resources inside a server that does not exist yet are
 * planned without their provider, and so without the provider's defaults. When the provider adds them later, the CLI
 * considers its plan violated and stops in the middle.
 */
export function whyNotEnforceable(plan: unknown): string | undefined {
  const resources = Object.values(PLAN.parse(plan).resourcePlans);
  const unseen = resources.filter(
    ({ goal, steps, state }) =>
      goal?.custom === true && state === null && steps?.includes("create") === true,
  );
  if (unseen.length === 0) return undefined;
  return (
    `${count(unseen.length, "resource")} will be inside a server that does not exist yet, so the Pulumi CLI cannot ` +
    "check each step. `up --plan` compares this plan with a new one, then applies the new one."
  );
}
