import type * as pulumi from "@pulumi/pulumi";
import { idleSlot, rotationProblem } from "./plan/rotation-plan";
import type { Slot } from "./plan/role-plan";

export interface RotationInputs {
  readonly slot: Slot;
  readonly rotation: number;
}

/** Record of the rotation that the logins of a slot went through. It refuses one that changes a password in use. */
export const rotationProvider: pulumi.dynamic.ResourceProvider<RotationInputs, RotationInputs> = {
  check(olds: Partial<RotationInputs>, news) {
    const { slot, rotation } = news;
    const recorded = olds.rotation;
    // A new record knows of nothing before, and the login whose turn it is gets a password.
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
