import type { StackRef } from "../../engine/engine";
import type { PlanServices } from "./plan-commands";
import { ensurePgBouncer, thisMachine } from "./prerequisites";
import type { Terminal } from "../report/terminal";

/** The pool of a local home, which runs the machine's own PgBouncer. */
const POOL_TYPE = "pulumi-nodejs:dynamic/local:PgBouncer";

/** This machine, and the servers of a stack. */
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
