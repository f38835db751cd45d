import * as path from "node:path";
import type { EngineChoice } from "./choose-engine";
import type { Engine } from "./engine";
import { PulumiEngine } from "./pulumi/pulumi-cli";

/** Opens an engine. Only the embedded one loads the SDK, which takes longer than everything else here. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  if (choice.engine === "pulumi") return new PulumiEngine(choice.command);
  const [{ EmbeddedEngine }, { placeholders }] = await Promise.all([
    import("./embedded/embedded-engine.js"),
    import("./embedded/lookups.js"),
  ]);
  return new EmbeddedEngine({
    program: (root) => path.join(root, ".sark", "build", "program.js"),
    lookup: placeholders(),
  });
}
