import type { ConnectionBudget } from "../../connections/plan/connection-sums";
import type { ParameterSet } from "../../parameters/formulas/tune";
import type { PoolEntryPlan } from "../../pool/plan/pool-plan";
import type { DescribedServer } from "./described-server";

/** One server, with everything computed for it before any resource exists. */
export interface ServerPlan extends Pick<
  DescribedServer,
  "database" | "size" | "load" | "tuning" | "pool"
> {
  readonly maxConnections: number;
  readonly parameters: ParameterSet;
  readonly preload: readonly string[];
  readonly budget: ConnectionBudget;
  /** The pool's entries for this server. */
  readonly entries: readonly PoolEntryPlan[];
}
