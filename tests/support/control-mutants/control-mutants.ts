import { isDeepStrictEqual } from "node:util";
import type { Plan, PlannedResource } from "../../../engine/engine";
import { accessMutants } from "./access-mutants";
import { backupMutants } from "./backup-mutants";
import { bucketMutants } from "./bucket-mutants";
import type { ControlMutant, Draft } from "./mutant";
import { serverMutants } from "./server-mutants";
import { keyMutants, networkMutants } from "./network-mutants";
import { monitoringMutants } from "./monitoring-mutants";

export type { ControlMutant } from "./mutant";

/** Every secure property of a stack on AWS, made insecure, with the control that must find it. */
export const CONTROL_MUTANTS: readonly ControlMutant[] = [
  ...serverMutants,
  ...networkMutants,
  ...keyMutants,
  ...bucketMutants,
  ...backupMutants,
  ...accessMutants,
  ...monitoringMutants,
];

/** The plan with one more resource, of a type that it does not have. */
export function withOneMore({ resources }: Plan, type: string): Pick<Plan, "resources"> {
  const [model] = resources.filter((each) => each.type.startsWith("aws:"));
  if (!model) throw new Error("the plan has nothing on AWS");
  return {
    resources: [...resources, { ...model, urn: `${model.urn}-more`, type: `aws:${type}:Type` }],
  };
}

/** Plans with the mutant, one for each resource that it fits. */
export function mutantsOf(plan: Plan, { type, change, of }: ControlMutant): readonly MutatedPlan[] {
  const concerned = plan.resources.filter(
    (each) => shortType(each) === type && (of === undefined || of(each)),
  );
  return concerned.map((resource) => {
    const mutant = change && changed(resource, change);
    return {
      name: resource.urn.split("::").at(-1) ?? "",
      resources: plan.resources.flatMap((each) => {
        if (each !== resource) return [each];
        return mutant ? [mutant] : [];
      }),
    };
  });
}

export interface MutatedPlan extends Pick<Plan, "resources"> {
  /** Name of the resource that differs. */
  readonly name: string;
}

/** @throws Error for a change that changes nothing */
function changed(resource: PlannedResource, change: (draft: Draft) => void): PlannedResource {
  const draft = structuredClone({ inputs: resource.inputs, options: resource.options });
  change(draft);
  if (
    isDeepStrictEqual(draft.inputs, resource.inputs) &&
    isDeepStrictEqual(draft.options, resource.options)
  ) {
    throw new Error(`${resource.urn} is not changed`);
  }
  return { ...resource, ...draft };
}

function shortType({ type }: PlannedResource): string {
  return type === "pulumi:providers:aws" ? "provider" : (/^aws:([^:]+):/.exec(type)?.[1] ?? type);
}
