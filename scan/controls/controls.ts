import type { Plan } from "../../engine/engine";
import type { Finding } from "../scan-findings";
import { accessRules } from "./access-controls";
import { alarmRules } from "./alarms";
import { backupRules } from "./backup-controls";
import { bucketRules } from "./bucket-controls";
import { forbiddenRules } from "./forbidden";
import { keyRules } from "./keys";
import { networkRules } from "./network-controls";
import { commonRules, optionRules } from "./option-controls";
import { parameterRules } from "./parameter-controls";
import type { Rule, Rules } from "./control";
import { serverRules } from "./server-controls";
import { PlanView, type ResourceView } from "./resource-view";

/** The controls on all AWS resources of a production stack. */
export const CONTROLS: readonly Rules[] = [
  ...serverRules,
  ...parameterRules,
  ...networkRules,
  ...keyRules,
  ...bucketRules,
  ...backupRules,
  ...accessRules,
  ...alarmRules,
  ...optionRules,
  ...forbiddenRules,
];

/** The rules that a plan's inputs and Pulumi options break. */
export function controlFindings(plan: Pick<Plan, "resources">): readonly Finding[] {
  return new PlanView(plan).resources.flatMap((subject) =>
    rulesFor(subject)
      .filter(([, , holds]) => !holds(subject))
      .map(([check, text]): Finding => {
        const { type, name } = subject;
        return { scanner: "controls", check, object: `${type} ${name}`, text };
      }),
  );
}

/** Number of rules that apply to a plan's resources. */
export function countControls(plan: Pick<Plan, "resources">): number {
  return new PlanView(plan).resources.flatMap(rulesFor).length;
}

function rulesFor(subject: ResourceView): readonly Rule[] {
  const own = CONTROLS.filter(({ type, of }) => type === subject.type && of(subject));
  const common = subject.isOnAws ? commonRules : [];
  return [...own.flatMap(({ rules }) => rules), ...common];
}
