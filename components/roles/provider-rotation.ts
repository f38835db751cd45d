import type * as pulumi from "@pulumi/pulumi";
import { idleSlot, rotationProblem } from "./plan/rotation-plan";
import type { Slot } from "./plan/role-plan";

export interface RotationInputs {
  readonly slot: Slot;
  readonly rotation: number;
}

/** Records the rotation of a slot's logins. Its check rejects a rotation that would change a password in use. */
export const rotationProvider: pulumi.dynamic.ResourceProvider<RotationInputs, RotationInputs> = {
  check(olds: Partial<RotationInputs>, news) {
    const { slot, rotation } = news;
    const recorded = olds.rotation;
    // A new record has no history, and the active login gets its new password.
    const reason =
      recorded === undefined || slot !== idleSlot(rotation)
        ? undefined
        : rotationProblem(recorded, rotation);
    const failures = reason === undefined ? [] : [{ property: "rotation", reason }];
    return Promise.resolve({ inputs: news, failures });
  },

  create: (inputs) => Promise.resolve({ id: `rotation-${inputs.slot}`, outs: inputs }),

  update: (_id, _olds, news) => Promise.resolve({ outs: news }),

  delete: () => Promise.resolve(),
};
