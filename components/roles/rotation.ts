import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../resources/dynamic-resource";
import { activeSlot, type Slot } from "./plan/role-plan";
import { idleSlot } from "./plan/rotation-plan";

/**
 * Refuses a rotation that would change the password of logins in use. Of the pairs' two records, the one of the idle
 * logins comes before all passwords, and its check refuses the step. The one of the logins that get a new password
 * comes last: it records the step when the application can have the new logins, so an unfinished step is never built upon.
 */
export class Rotation {
  /** What passwords wait for. */
  readonly guard: pulumi.Resource;

  constructor(private readonly rotation: number) {
    this.guard = record(idleSlot(rotation), rotation);
  }

  /**
   * Records the step.
   * @param after what has to be there first
   */
  finish(after: readonly pulumi.Resource[]): void {
    const dependsOn = [this.guard, ...after];
    record(activeSlot(this.rotation), this.rotation, { dependsOn });
  }
}

function record(
  slot: Slot,
  rotation: number,
  opts?: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new DynamicResource("database:Rotation", `rotation-${slot}`, { slot, rotation }, opts);
}
