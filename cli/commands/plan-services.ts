import type { StackRef } from "../../engine/engine";
import type { PlanServices } from "./plan-commands";
import { ensurePgBouncer, thisMachine } from "./prerequisites";
import type { Terminal } from "../report/terminal";

/** The type of a local home's pool, which runs this machine's PgBouncer. */
const POOL_TYPE = "pulumi-nodejs:dynamic/local:PgBouncer";

/** The services of this machine and of a stack's real servers. */
export function planServices(ref: StackRef, terminal: Terminal): PlanServices {
  return {
    prepare: ({ resources }) => {
      if (!resources.some(({ type, op }) => type === POOL_TYPE && op !== "delete")) return;
      ensurePgBouncer(thisMachine(ref.root, process.env), (text) => {
        terminal.line(text);
      });
    },
    lossesOf: async (outputs) => (await import("../report/losses.js")).lossesOf(outputs),
    databaseDriftOf: async (used, at) =>
      (await import("../report/database-drift.js")).databaseDriftOf(used, at),
  };
}
