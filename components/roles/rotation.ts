import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../resources/dynamic-resource";
import { activeSlot, type Slot } from "./plan/role-plan";
import { idleSlot } from "./plan/rotation-plan";

/**
 * Rejects a rotation that would change the password of logins in use. The pairs have two records. The record of the
 * idle logins comes before all passwords, and its check rejects the step. The record of the logins with new passwords
 * comes last, once the application can use them, so that no later step builds on an unfinished one.
 */
export class Rotation {
  /** Resource that all passwords depend on. */
  readonly guard: pulumi.Resource;

  constructor(private readonly rotation: number) {
    this.guard = record(idleSlot(rotation), rotation);
  }

  /**
   * Records the step.
   * @param after resources that must exist first
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
