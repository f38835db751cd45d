import type { BudgetInput, PgBouncerPlan } from "../../connections/plan/connection-sums";
import type { Load } from "../../hypertables/plan/ingest";
import type { TuningInput } from "../../parameters/formulas/tune";
import type { GivenParameters, ServerKind } from "../../parameters/parameter-overrides";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { ServerSize } from "../../settings/plan/settings-database";
import type { Settings } from "../../settings/plan/settings-stack";

/** Settings of one server, completed by its home. The plan is computed from this alone. */
export interface DescribedServer {
  readonly database: DatabaseName;
  readonly kind: ServerKind;
  /** Parameters that the stack sets. Unset for a server that accepts none. */
  readonly parameters: Settings["sark"]["parameters"];
  /** The same with the path of their setting, and parameters that are set on some servers only. */
  readonly given: readonly GivenParameters[];
  readonly size: ServerSize;
  readonly tuning: TuningInput;
  readonly load: Load;
  /** Sessions other than those of the pool. */
  readonly sessions: BudgetInput;
  /** Unset where the stack has no pool. */
  readonly pool: DescribedPool | undefined;
}

/** The pool in front of a server. */
export interface DescribedPool extends Omit<PgBouncerPlan, "entries" | "elsewhere"> {
  /** Logins that use the pool. */
  readonly logins: number;
  /** Whether the pool has an entry for replicas. */
  readonly replica: boolean;
  /** Server connections of the entry in session mode; 0 for none. */
  readonly sessionPoolSize: number;
  /** Server connections per entry and instance. Unset: computed from what the server has left. */
  readonly maxServerConnections: number | undefined;
}
