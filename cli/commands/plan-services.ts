import type { StackRef } from "../../engine/engine";
import type { PlanServices } from "./plan-commands";
import { keptBackups } from "../report/losses-local";
import { ensurePgBackRest } from "./backup-program";
import { ensureMonitoringPrograms } from "./monitoring-programs";
import { ensurePgBouncer, thisMachine } from "./prerequisites";
import type { Terminal } from "../report/terminal";

/** The type of a local home's pool, which runs this machine's PgBouncer. */
const POOL_TYPE = "pulumi-nodejs:dynamic/local:PgBouncer";

/** The type of the local home's Prometheus and exporters. */
const MONITORING_TYPE = "pulumi-nodejs:dynamic/local:Monitoring";

/** The services of this machine and of a stack's real servers. */
export function planServices(ref: StackRef, terminal: Terminal): PlanServices {
  return {
    prepare: ({ resources }) => {
      const machine = thisMachine(ref.root, process.env);
      const say = (text: string): void => {
        terminal.line(text);
      };
      const left = resources.filter(({ op }) => op !== "delete");
      const has = (wanted: string): boolean => left.some(({ type }) => type === wanted);
      if (keptBackups(left).length > 0) ensurePgBackRest(ref.root, machine, say);
      if (has(POOL_TYPE)) ensurePgBouncer(machine, say);
      if (has(MONITORING_TYPE)) ensureMonitoringPrograms(ref.root, machine, say);
    },
    lossesOf: async (outputs) => (await import("../report/losses.js")).lossesOf(outputs),
    databaseDriftOf: async (used, at) =>
      (await import("../report/database-drift.js")).databaseDriftOf(used, at),
  };
}
