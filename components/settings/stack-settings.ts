import type * as pulumi from "@pulumi/pulumi";
import type { ServerPlans } from "../homes/plan/home";
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import type { Settings } from "./plan/settings-stack";

/** Secrets of the homes, by setting name; undefined when not set. */
export type Secrets = Readonly<Record<string, pulumi.Output<string> | undefined>>;

/** Settings of a stack, with the server plans and hypertables computed from them. */
export interface StackSettings extends Settings {
  readonly servers: ServerPlans;
  readonly hypertables: HypertablePlan;
  readonly secrets: Secrets;
}
