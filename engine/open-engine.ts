import * as path from "node:path";
import type { Choice } from "./choose-engine";
import type { Engine } from "./engine";
import { PulumiEngine } from "./pulumi/pulumi-cli";

/** The embedded engine needs the SDK, which takes longer to load than everything else here: only when it runs. */
export async function openEngine(choice: Choice): Promise<Engine> {
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
