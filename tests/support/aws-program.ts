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
  /** Changes to the settings below `sark-databases:`, field by field; null removes one. @default - none */
  readonly changes?: Tree;
  /** Results of look-ups. @default - the engine's placeholders */
  readonly network?: FakeNetwork;
  /** Prefix of all passwords, which the provider returns with their names. */
  readonly canary?: string;
  /** Saves the stack as if it had been made, for the previews that follow. */
  readonly settle?: true;
}

/** Result of a preview. */
export interface Previewed {
  /** Undefined if the program failed. */
  readonly plan?: Plan;
  /** Empty if it did not fail. */
  readonly error: string;
  readonly asked: readonly Asked[];
}

/** A registration as sent by the program, with wrapped secrets. */
interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Tree;
}

/**
 * Previews the stacks of a copy one after another in one process. This is faster than one command each. It uses the
 * program that an earlier command built.
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
