import type * as pulumi from "@pulumi/pulumi";
import type { ServerPlans } from "../homes/plan/home";
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import type { Settings } from "./plan/settings-stack";

/** The homes' secrets by the name of the setting; undefined where one is not set. */
export type Secrets = Readonly<Record<string, pulumi.Output<string> | undefined>>;

/** A stack's settings and what follows from them for each server. */
export interface StackSettings extends Settings {
  readonly servers: ServerPlans;
  readonly hypertables: HypertablePlan;
  readonly secrets: Secrets;
}
