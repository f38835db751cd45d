import type * as pulumi from "@pulumi/pulumi";
import type { OuterNeed } from "../objectives/plan/objective";
import type { Endpoint } from "../homes/database-server";
import type { Login } from "../connections/database-connection";
import type { PoolEntryPlan } from "./plan/pool-plan";
import type { PodsTarget } from "../route/open-relay";

/** PgBouncer in front of the databases, in any home. */
export interface ConnectionPool extends Endpoint {
  /** False when the program is not installed (local home only). */
  readonly running: pulumi.Output<boolean>;
  /** Login of the statistics console. */
  readonly statsLogin: Login;
  /** Parts around it that an exporter measures. @default - none */
  readonly exports?: readonly OuterNeed[];
  readonly entries: readonly PoolEntryPlan[];
  /** How to reach an instance from outside, when its address is valid only inside a cluster. */
  readonly relay?: PodsTarget;
}
