import type { BudgetInput, PgBouncerPlan } from "../../connections/plan/connection-sums";
import type { Load } from "../../hypertables/plan/ingest";
import type { TuningInput } from "../../parameters/formulas/tune";
import type { GivenParameters, ServerKind } from "../../parameters/parameter-overrides";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { ServerSize } from "../../settings/plan/settings-database";
import type { Settings } from "../../settings/plan/settings-stack";

/** What the settings say of one server, completed by its home. Its plan follows from this alone. */
export interface DescribedServer {
  readonly database: DatabaseName;
  readonly kind: ServerKind;
  /** The stack's own parameters. Unset for a server that takes none. */
  readonly parameters: Settings["sark"]["parameters"];
  /** The same with where they are set, and what is set on some of its servers alone. */
  readonly given: readonly GivenParameters[];
  readonly size: ServerSize;
  readonly tuning: TuningInput;
  readonly load: Load;
  /** All that connects to it but the pool. */
  readonly sessions: BudgetInput;
  /** Unset where the stack has no pool. */
  readonly pool: DescribedPool | undefined;
}

/** The pool before a server. */
export interface DescribedPool extends Omit<PgBouncerPlan, "entries" | "elsewhere"> {
  /** Logins that come through it. */
  readonly logins: number;
  /** Whether an entry leads to a replica. */
  readonly replica: boolean;
  /** Server connections of the entry in session mode; 0 for none. */
  readonly sessionPoolSize: number;
  /** Server connections of an entry, per instance. Unset: what the server has left. */
  readonly maxServerConnections: number | undefined;
}
