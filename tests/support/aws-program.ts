import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { buildSync } from "esbuild";
import type { Plan } from "../../engine/engine";
import type { FakeNetwork } from "./fake-network";
import type { StackCopy } from "../../scratch/scratch-stack";

type Tree = { readonly [key: string]: unknown };

/** A preview of a stack with other settings, by the embedded engine. */
export interface Preview {
  /** @default - prod */
  readonly stack?: string;
  /** Goes into the settings below `sark-databases:`, field by field; null takes one out. @default - none */
  readonly changes?: Tree;
  /** What look-ups find. @default - the engine's placeholders */
  readonly network?: FakeNetwork;
  /** Answers each password with this and its name, as a provider would that had made it. */
  readonly canary?: string;
  /** Remembers the stack as if all of it had been made, for the previews behind this one. */
  readonly settle?: true;
}

/** What a preview came to. */
export interface Previewed {
  /** Undefined where the program refused. */
  readonly plan?: Plan;
  /** Empty where it did not. */
  readonly error: string;
  readonly asked: readonly Asked[];
}

/** A registration as the program sent it, secrets in their envelopes. */
interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Tree;
}

/**
 * Makes previews of a copy's stacks, one after another in one process: faster than a command each, with the program that
 * a command built before.
 */
export function previewAll(stack: StackCopy, previews: readonly Preview[]): readonly Previewed[] {
  const runner = path.join(stack.folder, ".sark", "aws-runner.js");
  const [asked, answered] = ["previews.json", "previewed.json"].map((name) =>
    path.join(stack.folder, ".sark", name),
  ) as [string, string];
  buildSync({
    entryPoints: [path.join(__dirname, "aws-runner.ts")],
    outfile: runner,
    bundle: true,
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  fs.writeFileSync(asked, JSON.stringify(previews));
  const args = [runner, stack.folder, asked, answered];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(fs.readFileSync(answered, "utf8")) as readonly Previewed[];
}
