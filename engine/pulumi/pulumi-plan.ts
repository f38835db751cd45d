import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import type { StackRef } from "../engine";
import { count } from "../names";

/** The CLI's own plan, as far as it is read here. */
const PLAN = z.object({
  resourcePlans: z.record(
    z.string(),
    z.object({
      goal: z.object({ custom: z.boolean().optional() }).optional(),
      steps: z.array(z.string()).optional(),
      /** Null where the provider was not asked, since its own settings are not known yet. */
      state: z.unknown().optional(),
    }),
  ),
});

/** A plan in the CLI's own words, in a file for as long as the CLI needs it. It holds secrets encrypted only. */
export class PulumiPlanFile {
  readonly name: string;

  /** @param contents for the CLI to read; without them it writes the file */
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
 * Why the CLI cannot be held to its own plan; undefined when it can. What goes into a server that is to be made is
 * planned without its provider, and so without the provider's defaults. Once it adds them, the CLI takes its own plan
 * for violated and stops in the middle.
 */
export function notBinding(plan: unknown): string | undefined {
  const resources = Object.values(PLAN.parse(plan).resourcePlans);
  const unseen = resources.filter(
    ({ goal, steps, state }) =>
      goal?.custom === true && state === null && steps?.includes("create") === true,
  );
  if (unseen.length === 0) return undefined;
  return (
    `${count(unseen.length, "resource")} will be inside of a server that does not exist yet, and the Pulumi CLI cannot ` +
    "check them step by step. `up --plan` compares this plan with a new one, and then carries that out."
  );
}
