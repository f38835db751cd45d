import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../homes/database-server";
import type { Login } from "../connections/database-connection";
import type { PoolEntryPlan } from "./plan/pool-plan";
import type { PodsTarget } from "../route/open-relay";

/** PgBouncer in front of the databases, which every home provides. */
export interface ConnectionPool extends Endpoint {
  /** False where the program is not there to run (a local home only). */
  readonly running: pulumi.Output<boolean>;
  /** Login of the statistics console. */
  readonly statsLogin: Login;
  readonly entries: readonly PoolEntryPlan[];
  /** How one of its instances is reached from elsewhere, where its address means something in a cluster alone. */
  readonly relay?: PodsTarget;
}
