import * as fs from "node:fs";
import * as path from "node:path";
import { printable } from "../../components/text/printable";
import { suggestion } from "../../components/text/suggestion";
import { chooseEngine, engineContext } from "../../engine/choose-engine";
import { listStacks } from "../../engine/embedded/config";
import { UsageError, type Engine, type EngineName, type StackRef } from "../../engine/engine";
import { openEngine } from "../../engine/open-engine";
import type { Terminal } from "../report/terminal";

/** Options of every stack command. */
export interface StackOptions {
  readonly stack: string;
  /** Undefined: chosen as `choose-engine.ts` describes. */
  readonly engine?: EngineName | undefined;
  readonly json?: boolean | undefined;
}

export interface StackCommand extends StackOptions {
  readonly name: string;
  /** Set for a command whose output is for scripts, with or without --json. */
  readonly bannerOnStderr?: boolean;
}

/** Chooses, opens and prints the engine of a stack command. */
export async function openStack(
  ref: StackRef,
  { name, engine, bannerOnStderr = false }: StackCommand,
  terminal: Terminal,
): Promise<Engine> {
  const surroundings = engineContext(ref, process.env);
  if (!surroundings.createdBy("embedded") && !surroundings.createdBy("pulumi")) checkStack(ref);
  const choice = await chooseEngine({ ref, command: name, requested: engine }, surroundings);
  const banner = printable(`engine: ${choice.engine} (${choice.why}) · stack: ${ref.stack}`);
  if (bannerOnStderr) terminal.error(banner);
  else terminal.line(banner);
  return openEngine(choice);
}

function checkStack({ root, stack }: StackRef): void {
  if (fs.existsSync(path.join(root, `Pulumi.${stack}.yaml`))) return;
  const stacks = listStacks(root);
  const near = suggestion(stack, stacks);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new UsageError(
    `There is no stack "${stack}": Pulumi.${stack}.yaml does not exist.${printable(hint)} ` +
      `Stacks: ${printable(stacks.join(", ")) || "none"}.`,
  );
}
